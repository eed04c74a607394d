// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Diagnostics;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>A number in /proc/sys/kernel that says how lockups and hung tasks are looked for (Linux, sysctl/kernel).</summary>
public abstract class WatchdogSetting : IPseudoFile
{
    /// <summary>The number.</summary>
    protected abstract long Value { get; set; }

    /// <summary>The largest that is taken.</summary>
    protected virtual long Maximum => 1;

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(Value).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!SettingText.TryParseNumber(text, out var value) || value > Maximum)
            return Errno.EINVAL;
        Value = value;
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/watchdog: both detectors of lockups.</summary>
[PseudoFile("/proc/sys/kernel/watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class WatchdogSwitch : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.IsOn ? 1 : 0;
        set => Watchdog.IsOn = value != 0;
    }
}

/// <summary>/proc/sys/kernel/soft_watchdog: the detector of soft lockups.</summary>
[PseudoFile("/proc/sys/kernel/soft_watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class SoftWatchdogSwitch : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.IsSoftOn ? 1 : 0;
        set => Watchdog.IsSoftOn = value != 0;
    }
}

/// <summary>/proc/sys/kernel/nmi_watchdog: the detector of hard lockups.</summary>
[PseudoFile("/proc/sys/kernel/nmi_watchdog", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HardWatchdogSwitch : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.IsHardOn ? 1 : 0;
        set => Watchdog.IsHardOn = value != 0;
    }
}

/// <summary>/proc/sys/kernel/watchdog_thresh: seconds until a hard lockup, half of those until a soft one; 0 turns both off.</summary>
[PseudoFile("/proc/sys/kernel/watchdog_thresh", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class WatchdogThreshold : WatchdogSetting
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
public sealed class PanicOnSoftLockup : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.SoftLockupPanics ? 1 : 0;
        set => Watchdog.SoftLockupPanics = value != 0;
    }
}

/// <summary>/proc/sys/kernel/hardlockup_panic: whether a hard lockup is a panic.</summary>
[PseudoFile("/proc/sys/kernel/hardlockup_panic", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class PanicOnHardLockup : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Watchdog.HardLockupPanics ? 1 : 0;
        set => Watchdog.HardLockupPanics = value != 0;
    }
}

/// <summary>/proc/sys/kernel/hung_task_timeout_secs: seconds in an uninterruptible wait after which a task hangs; 0 for never.</summary>
[PseudoFile("/proc/sys/kernel/hung_task_timeout_secs", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HungTaskTimeout : WatchdogSetting
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
public sealed class PanicOnHungTask : WatchdogSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => HungTasks.Panics ? 1 : 0;
        set => HungTasks.Panics = value != 0;
    }
}

/// <summary>/proc/sys/kernel/hung_task_warnings: how many more hung tasks are reported.</summary>
[PseudoFile("/proc/sys/kernel/hung_task_warnings", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HungTaskWarnings : WatchdogSetting
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
