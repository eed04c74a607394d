// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Devices;
using Ostd.Time;

namespace Kernel.Tests.Oops;

/// <summary>Runs code in an interrupt handler: the PC's keyboard controller (i8042) raises its line when it is told to.</summary>
internal static class KeyboardInterrupt
{
    private const int Line = 1;
    private const ushort DataPort = 0x60;
    private const ushort CommandPort = 0x64;
    private const byte WriteConfiguration = 0x60;
    private const byte EnableFirstInterrupt = 0x01;
    private const byte WriteOutputBuffer = 0xd2;
    private const long LimitNs = 1_000_000_000;

    private sealed class Call(Action action)
    {
        public readonly Action Action = action;
        public bool IsDone;
    }

    /// <summary>Runs the code and waits until it has run, if it lets that happen.</summary>
    public static void Run(Action action)
    {
        if (!IrqLine.TryAcquireIsa(Line, out var line) || !IoPortRange.TryAcquire(DataPort, 1, out var data) || !IoPortRange.TryAcquire(CommandPort, 1, out var command))
        {
            throw new InvalidOperationException("the keyboard controller is taken");
        }

        var call = new Call(action);
        line.Enable(
            static state =>
            {
                var call = (Call)state!;
#pragma warning disable OST2011 // These tests do in a handler what must not be done there.
                call.Action();
#pragma warning restore OST2011
                Volatile.Write(ref call.IsDone, true);
            },
            call);
        command.WriteByte(0, WriteConfiguration);
        data.WriteByte(0, EnableFirstInterrupt);
        command.WriteByte(0, WriteOutputBuffer);
        data.WriteByte(0, 0);
        var end = Clock.MonotonicNs + LimitNs;
        while (!Volatile.Read(ref call.IsDone) && Clock.MonotonicNs < end)
        {
        }
    }
}
