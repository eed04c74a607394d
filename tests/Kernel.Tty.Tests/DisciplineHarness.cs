// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Tty.Discipline;

namespace Kernel.Tty.Tests;

/// <summary>Feeds a line discipline byte by byte and collects what comes out of it.</summary>
internal sealed class DisciplineHarness
{
    private readonly List<byte> _echo = [];

    public DisciplineHarness()
        : this(Termios.CreateDefault())
    {
    }

    public DisciplineHarness(Termios modes) => Discipline = new LineDiscipline(in modes);

    public LineDiscipline Discipline { get; }

    public List<Signal> Signals { get; } = [];

    public int OutputFlushes { get; private set; }

    /// <summary>All that was echoed so far.</summary>
    public string Echo => Encoding.Latin1.GetString(_echo.ToArray());

    /// <summary>Changes modes as tcsetattr does.</summary>
    public DisciplineHarness With(LocalModes on = 0, LocalModes off = 0, InputModes inputOn = 0, InputModes inputOff = 0)
    {
        var modes = Discipline.Modes;
        modes.Local = modes.Local & ~off | on;
        modes.Input = modes.Input & ~inputOff | inputOn;
        Discipline.SetModes(in modes);
        return this;
    }

    /// <summary>Types; what is refused is given back.</summary>
    public int Type(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var total = 0;
        while (total < bytes.Length)
        {
            var taken = Discipline.Receive(bytes.AsSpan(total));
            total += taken;
            var effects = Discipline.TakeEffects();
            if (effects.FlushOutput)
            {
                OutputFlushes++;
            }

            if (effects.Signal != Signal.None)
            {
                Signals.Add(effects.Signal);
            }

            Drain();
            if (taken == 0)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>One read of so many bytes; null when it would wait.</summary>
    public string? Read(int size = 8192)
    {
        if (!Discipline.IsInputAvailable(1))
        {
            return null;
        }

        var buffer = new byte[size];
        var count = Discipline.Read(buffer, out _);
        return Encoding.Latin1.GetString(buffer, 0, count);
    }

    /// <summary>What a program's output becomes.</summary>
    public string Write(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var buffer = new byte[bytes.Length * 8 + 8];
        var count = Discipline.Output.Process(bytes, buffer, out _);
        return Encoding.Latin1.GetString(buffer, 0, count);
    }

    private void Drain()
    {
        var pending = Discipline.Echo.Pending;
        while (pending.Count > 0)
        {
            var run = pending.Peek();
            _echo.AddRange(run.ToArray());
            pending.Skip(run.Length);
        }
    }
}
