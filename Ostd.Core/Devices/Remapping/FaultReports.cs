// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Arch;
using Ostd.Logging;
using Ostd.Sync;
using Ostd.Time;
using Timer = Ostd.Time.Timer;

namespace Ostd.Devices.Remapping;

/// <summary>
/// Blocked accesses and interrupts: counted, and logged as long as there are not too many. Told by an interrupt; a device that causes a storm of them has the interrupt turned off until the next second.
/// </summary>
internal sealed class FaultReports
{
    private const long WindowNs = 1_000_000_000;
    private const int LinesPerWindow = 10;
    private const int InterruptsPerWindow = 100;
    private const int MaxTakenAtOnce = 64;

    private readonly Timer _resume;
    private RawSpinLock _lock;
    private long _count;
    private long _windowStartNs;
    private long _countAtWindowStart;
    private int _interrupts;

    public FaultReports()
    {
        _resume = new Timer(static reports => ((FaultReports)reports!).Resume(), this);
    }

    /// <summary>Faults since the machine started, as far as the hardware told of each.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Has the units raise a line when there is a fault.</summary>
    /// <returns>False when no line is free.</returns>
    public bool TryConnect([NotNullWhen(true)] out IrqLine? line)
    {
        if (!IrqLine.TryAcquireUnits(out line))
        {
            return false;
        }

        line.Enable(static reports => ((FaultReports)reports!).OnInterrupt(), this);
        return true;
    }

    /// <summary>Takes what the units have recorded. In any context.</summary>
    public void Take()
    {
        bool wereEnabled = _lock.Enter();
        TakeLocked();
        _lock.Exit(wereEnabled);
    }

    [InterruptSafe]
    private void OnInterrupt()
    {
        bool wereEnabled = _lock.Enter();
        TakeLocked();
        bool isStorm = ++_interrupts > InterruptsPerWindow;
        if (isStorm)
        {
            RemappingUnits.MaskFaults(true);
        }

        _lock.Exit(wereEnabled);
        if (isStorm)
        {
            _resume.Arm(Clock.MonotonicNs + WindowNs);
        }
    }

    private void Resume()
    {
        bool wereEnabled = _lock.Enter();
        _interrupts = 0;
        TakeLocked();
        RemappingUnits.MaskFaults(false);
        _lock.Exit(wereEnabled);
    }

    [InterruptSafe]
    private void TakeLocked()
    {
        for (int i = 0; i < MaxTakenAtOnce && RemappingUnits.TryTakeFault(out DmaFault fault); i++)
        {
            Report(fault);
        }
    }

    [InterruptSafe]
    private void Report(in DmaFault fault)
    {
        long now = Clock.MonotonicNs;
        if (now - _windowStartNs >= WindowNs)
        {
            _windowStartNs = now;
            _countAtWindowStart = _count;
            _interrupts = 0;
        }

        _count++;
        long inWindow = _count - _countAtWindowStart;
        if (inWindow <= LinesPerWindow)
        {
            WriteLine(fault, inWindow == LinesPerWindow);
        }
    }

    [InterruptSafe]
    private static void WriteLine(in DmaFault fault, bool isLast)
    {
        Span<char> storage = stackalloc char[160];
        var text = new TextBuffer(storage);
        text.Append("iommu: blocked: 0000:");
        AppendByte(ref text, fault.Source >> 8);
        text.Append(':');
        AppendByte(ref text, fault.Source >> 3 & 31);
        text.Append('.');
        text.AppendDecimal(fault.Source & 7);
        if (fault.IsInterrupt)
        {
            text.Append(" raises interrupt ");
            text.AppendDecimal((long)(fault.Information >> 48));
        }
        else
        {
            text.Append(fault.IsWrite ? " writes to 0x" : " reads from 0x");
            text.AppendHex(fault.Information & ~0xffful);
        }

        text.Append(": ");
        text.Append(fault.Description);
        text.Append(" (reason ");
        text.AppendDecimal(fault.Reason);
        text.Append(isLast ? "); more of them in this second are only counted" : ")");
        Log.Write(LogLevel.Warning, text.Text);
    }

    [InterruptSafe]
    private static void AppendByte(ref TextBuffer text, int value)
    {
        const string digits = "0123456789abcdef";
        text.Append(digits[value >> 4 & 15]);
        text.Append(digits[value & 15]);
    }
}
