// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;
using Ostd.Sync;
using static Kernel.Tty.TerminalCommands;

namespace Kernel.Tty;

/// <summary>Modes and window size: the part of ioctl_tty(2) that the master of a pseudo-terminal shares.</summary>
internal sealed partial class Terminal
{
    /// <summary>Held while the driver and the discipline change to new modes, so that two changes leave both with the same ones. Comes before <see cref="_lock"/>.</summary>
    private readonly Mutex _modesMutex = new();

    private SyscallResult IoctlModes(in SyscallContext context, TerminalFile? file, uint command, ulong argument)
    {
        switch (command)
        {
            case TCGETS:
                return new UserPtr<Termios>(argument).Write(Modes.Modes);

            case TCGETS2:
                return new UserPtr<Termios2>(argument).Write(Modes);

            case TCGETA:
                return new UserPtr<LegacyTermio>(argument).Write(LegacyTermio.From(Modes.Modes));

            case TCSETS or TCSETSW or TCSETSF:
                return new UserPtr<Termios>(argument).Read().TryGet(out var modes, out var fault)
                    ? Change(file, WithSpeeds(in modes), command - TCSETS)
                    : fault;

            case TCSETS2 or TCSETSW2 or TCSETSF2:
                return new UserPtr<Termios2>(argument).Read().TryGet(out var modes2, out fault)
                    ? Change(file, WithSpeeds(in modes2), command - TCSETS2)
                    : fault;

            case TCSETA or TCSETAW or TCSETAF:
                if (!new UserPtr<LegacyTermio>(argument).Read().TryGet(out var legacy, out fault))
                {
                    return fault;
                }

                modes = Modes.Modes;
                legacy.ApplyTo(ref modes);
                return Change(file, WithSpeeds(in modes), command - TCSETA);

            case TIOCGWINSZ:
                return new UserPtr<WindowSize>(argument).Write(WindowSize);

            case TIOCSWINSZ:
                if (!new UserPtr<WindowSize>(argument).Read().TryGet(out var size, out fault))
                {
                    return fault;
                }

                Resize(size);
                return 0;

            case TIOCGSOFTCAR:
                return WriteInt(argument, (Modes.Modes.Control & ControlModes.CLOCAL) != 0 ? 1 : 0);

            case TIOCSSOFTCAR:
                if (!new UserPtr<int>(argument).Read().TryGet(out var isSoft, out fault))
                {
                    return fault;
                }

                using (_modesMutex.Acquire())
                {
                    var changed = Modes;
                    changed.Modes.Control = isSoft != 0 ? changed.Modes.Control | ControlModes.CLOCAL : changed.Modes.Control & ~ControlModes.CLOCAL;
                    Apply(changed);
                }

                return 0;

            default:
                return _driver.Ioctl(in context, command, argument);
        }
    }

    /// <summary>Sets the modes: at once (0), after output is sent (1), or after that and without the input so far (2).</summary>
    internal SyscallResult Change(TerminalFile? file, Termios2 modes, uint when)
    {
        if (when == 2)
        {
            FlushInput();
        }

        if (when != 0)
        {
            var error = WaitUntilSent(file);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        using var turn = _modesMutex.Acquire();
        Apply(modes);
        return 0;
    }

    private void Apply(Termios2 modes)
    {
        _driver.Configure(ref modes);
        Discipline.DisciplineEffects effects;
        bool resumes;
        using (_lock.Acquire())
        {
            _modes = modes;
            _discipline.SetModes(in modes.Modes);
            effects = CarryOutLocked();

            // What was refused in the old modes may be welcome in the new ones.
            resumes = _isInputRefused;
            _isInputRefused = false;
        }

        effects.InputArrived = true;
        Announce(in effects);
        if (resumes)
        {
            _driver.ResumeInput();
        }
    }

    /// <summary>SIGWINCH goes to the foreground group when the size changes.</summary>
    public void Resize(WindowSize size)
    {
        using (_lock.Acquire())
        {
            if (_windowSize == size)
            {
                return;
            }

            _windowSize = size;
        }

        SignalForeground(Signal.SIGWINCH);
    }

    private Termios2 WithSpeeds(in Termios modes)
    {
        var current = Modes;
        return new Termios2
        {
            Modes = modes,
            InputSpeed = BaudRates.DecodeInput(modes.Control) ?? current.InputSpeed,
            OutputSpeed = BaudRates.Decode(modes.Control) ?? current.OutputSpeed,
        };
    }

    private static Termios2 WithSpeeds(in Termios2 modes)
    {
        var result = modes;
        result.InputSpeed = BaudRates.DecodeInput(modes.Modes.Control) ?? modes.InputSpeed;
        result.OutputSpeed = BaudRates.Decode(modes.Modes.Control) ?? modes.OutputSpeed;
        result.Modes.Control = BaudRates.Encode(modes.Modes.Control, result.InputSpeed, result.OutputSpeed);
        return result;
    }

    /// <summary>The <c>struct termio</c> of System V: 16-bit modes and eight characters.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct LegacyTermio
    {
        private const int CharacterCount = 8;

        public ushort Input;
        public ushort Output;
        public ushort Control;
        public ushort Local;
        public byte Line;
        public LegacyCharacters Characters;

        public static LegacyTermio From(Termios modes)
        {
            var legacy = new LegacyTermio
            {
                Input = (ushort)modes.Input,
                Output = (ushort)modes.Output,
                Control = (ushort)modes.Control,
                Local = (ushort)modes.Local,
                Line = modes.Line,
            };
            ((ReadOnlySpan<byte>)modes.Characters)[..CharacterCount].CopyTo(legacy.Characters);
            return legacy;
        }

        public readonly void ApplyTo(ref Termios modes)
        {
            modes.Input = (InputModes)((uint)modes.Input & 0xffff0000 | Input);
            modes.Output = (OutputModes)((uint)modes.Output & 0xffff0000 | Output);
            modes.Control = (ControlModes)((uint)modes.Control & 0xffff0000 | Control);
            modes.Local = (LocalModes)((uint)modes.Local & 0xffff0000 | Local);
            modes.Line = Line;
            ((ReadOnlySpan<byte>)Characters).CopyTo(modes.Characters);
        }

        [InlineArray(CharacterCount)]
        public struct LegacyCharacters
        {
            private byte _first;
        }
    }
}
