// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using System.Threading;
using Ostd.Boot;
using Ostd.Time;

namespace Ostd.Diagnostics;

/// <summary>
/// Lockup detection, with Linux's names (Documentation/admin-guide/lockup-watchdogs.rst): soft lockups (<see cref="SoftLockup"/>), hard lockups (<see cref="HardLockup"/>), and tasks
/// that hang (<see cref="HungTasks"/>).
/// </summary>
/// <remarks>
/// No detector measures time alone: each counts what cannot happen on a machine whose host does not run it. A soft lockup is counted in ticks that the CPU took, each of which comes a full period after the one before; a hard
/// lockup in answers to non-maskable interrupts; a hung task in rounds of the task that looks for it. A host that stops the machine, or one CPU of it, for a minute makes one tick late.
/// </remarks>
public static class Watchdog
{
    /// <summary>Linux's upper limit of <c>watchdog_thresh</c>, in seconds.</summary>
    public const int MaxThresholdSeconds = 60;

    private static int s_thresholdSeconds = 10;
    private static int s_softThresholdTicks;
    private static bool s_isOn = true;
    private static bool s_isSoftOn = true;
    private static bool s_isHardOn = true;
    private static int s_softLockups;
    private static int s_hardLockups;

    /// <summary>Both detectors of lockups (<c>/proc/sys/kernel/watchdog</c>, <c>nowatchdog</c>).</summary>
    public static bool IsOn
    {
        get => s_isOn;
        set
        {
            s_isOn = value;
            Update();
        }
    }

    /// <summary>The detector of soft lockups (<c>soft_watchdog</c>, <c>nosoftlockup</c>).</summary>
    public static bool IsSoftOn
    {
        get => s_isSoftOn;
        set
        {
            s_isSoftOn = value;
            Update();
        }
    }

    /// <summary>The detector of hard lockups (<c>nmi_watchdog</c>).</summary>
    public static bool IsHardOn
    {
        get => s_isHardOn;
        set => s_isHardOn = value;
    }

    /// <summary>After how many seconds a hard lockup is one, 1 to 60; a soft lockup takes twice as long. 0 turns both off (<c>watchdog_thresh</c>).</summary>
    [InterruptSafe]
    public static int ThresholdSeconds
    {
        get => s_thresholdSeconds;
        set
        {
            s_thresholdSeconds = Math.Clamp(value, 0, MaxThresholdSeconds);
            Update();
        }
    }

    /// <summary>Whether a soft lockup is a panic (<c>softlockup_panic</c>).</summary>
    public static bool SoftLockupPanics { get; set; }

    /// <summary>Whether a hard lockup is a panic (<c>hardlockup_panic</c>, <c>nmi_watchdog=panic</c>).</summary>
    public static bool HardLockupPanics { get; set; }

    /// <summary>Soft lockups reported since boot.</summary>
    public static int SoftLockupCount => Volatile.Read(ref s_softLockups);

    /// <summary>Hard lockups reported since boot.</summary>
    public static int HardLockupCount => Volatile.Read(ref s_hardLockups);

    /// <summary>Ticks without a pass through the scheduler that are a soft lockup; 0 for none.</summary>
    [InterruptSafe]
    internal static int SoftThresholdTicks => s_softThresholdTicks;

    /// <summary>Whether hard lockups are looked for.</summary>
    [InterruptSafe]
    internal static bool WatchesHard => s_isOn && s_isHardOn && s_thresholdSeconds != 0;

    [InterruptSafe]
    internal static void CountSoftLockup() => Interlocked.Increment(ref s_softLockups);

    [InterruptSafe]
    internal static void CountHardLockup() => Interlocked.Increment(ref s_hardLockups);

    /// <summary>Reads the command line.</summary>
    internal static void ApplyParameters(ReadOnlySpan<char> commandLine)
    {
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            int equals = word.IndexOf('=');
            ReadOnlySpan<char> value = equals < 0 ? default : word[(equals + 1)..];
            Apply(equals < 0 ? word : word[..equals], value);
        }

        Update();
    }

    private static void Apply(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        switch (name)
        {
            case "nowatchdog":
                s_isOn = false;
                break;
            case "nosoftlockup":
                s_isSoftOn = false;
                break;
            case "nmi_watchdog":
                s_isHardOn = value is not "0";
                HardLockupPanics |= value is "panic";
                break;
            case "watchdog_thresh" when isNumber:
                s_thresholdSeconds = Math.Min(number, MaxThresholdSeconds);
                break;
            case "softlockup_panic" when isNumber:
                SoftLockupPanics = number != 0;
                break;
            case "hung_task_panic" when isNumber:
                HungTasks.Panics = number != 0;
                break;
            default:
                break;
        }
    }

    [InterruptSafe]
    private static void Update() => s_softThresholdTicks = s_isOn && s_isSoftOn ? (int)(2 * s_thresholdSeconds * (1_000_000_000 / Clock.TickNs)) : 0;
}
