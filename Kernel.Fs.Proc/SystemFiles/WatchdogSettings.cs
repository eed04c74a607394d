// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Ostd.Diagnostics;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/sys/kernel/watchdog: both detectors of lockups.</summary>
[PseudoFile("/proc/sys/kernel/watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class WatchdogSwitch : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => Watchdog.IsOn;
        set => Watchdog.IsOn = value;
    }
}

/// <summary>/proc/sys/kernel/soft_watchdog: the detector of soft lockups.</summary>
[PseudoFile("/proc/sys/kernel/soft_watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class SoftWatchdogSwitch : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => Watchdog.IsSoftOn;
        set => Watchdog.IsSoftOn = value;
    }
}

/// <summary>/proc/sys/kernel/nmi_watchdog: the detector of hard lockups.</summary>
[PseudoFile("/proc/sys/kernel/nmi_watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HardWatchdogSwitch : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => Watchdog.IsHardOn;
        set => Watchdog.IsHardOn = value;
    }
}

/// <summary>/proc/sys/kernel/watchdog_thresh: seconds until a hard lockup, half of those until a soft one; 0 turns both off.</summary>
[PseudoFile("/proc/sys/kernel/watchdog_thresh", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class WatchdogThreshold : NumberSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.ThresholdSeconds;
        set => Watchdog.ThresholdSeconds = (int)value;
    }

    /// <inheritdoc/>
    protected override long Maximum => Watchdog.MaxThresholdSeconds;
}

/// <summary>/proc/sys/kernel/softlockup_panic: whether a soft lockup is a panic.</summary>
[PseudoFile("/proc/sys/kernel/softlockup_panic", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class PanicOnSoftLockup : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => Watchdog.SoftLockupPanics;
        set => Watchdog.SoftLockupPanics = value;
    }
}

/// <summary>/proc/sys/kernel/hardlockup_panic: whether a hard lockup is a panic.</summary>
[PseudoFile("/proc/sys/kernel/hardlockup_panic", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class PanicOnHardLockup : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => Watchdog.HardLockupPanics;
        set => Watchdog.HardLockupPanics = value;
    }
}

/// <summary>/proc/sys/kernel/hung_task_timeout_secs: seconds in an uninterruptible wait after which a task hangs; 0 for never.</summary>
[PseudoFile("/proc/sys/kernel/hung_task_timeout_secs", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HungTaskTimeout : NumberSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => HungTasks.TimeoutSeconds;
        set => HungTasks.TimeoutSeconds = (int)value;
    }

    /// <inheritdoc/>
    protected override long Maximum => int.MaxValue;
}

/// <summary>/proc/sys/kernel/hung_task_panic: whether a hung task is a panic.</summary>
[PseudoFile("/proc/sys/kernel/hung_task_panic", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class PanicOnHungTask : SwitchSetting
{
    /// <inheritdoc/>
    protected override bool IsOn
    {
        get => HungTasks.Panics;
        set => HungTasks.Panics = value;
    }
}

/// <summary>/proc/sys/kernel/hung_task_warnings: how many more hung tasks are reported.</summary>
[PseudoFile("/proc/sys/kernel/hung_task_warnings", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HungTaskWarnings : NumberSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => HungTasks.Warnings;
        set => HungTasks.Warnings = (int)value;
    }

    /// <inheritdoc/>
    protected override long Maximum => int.MaxValue;
}
