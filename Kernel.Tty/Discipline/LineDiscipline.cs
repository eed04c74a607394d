// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty.Discipline;

/// <summary>
/// The line discipline N_TTY as a machine without I/O: bytes go in by <see cref="Receive"/>, and come out as echo, as input for readers, and as <see cref="DisciplineEffects"/> that the terminal carries out. The rules
/// are those of termios(3) and POSIX.1-2017 chapter 11. Not thread-safe.
/// </summary>
internal sealed class LineDiscipline
{
    private Termios _modes;
    private bool _isLiteralNext;
    private DisciplineEffects _effects;

    /// <summary>A discipline in a terminal's first modes.</summary>
    public LineDiscipline(in Termios modes)
    {
        Output = new OutputProcessor();
        Echo = new Echo(Output);
        Editor = new LineEditor(Input, Echo, Output);
        _modes = modes;
        ApplyModes();
    }

    public InputBuffer Input { get; } = new();

    public OutputProcessor Output { get; }

    public Echo Echo { get; }

    private LineEditor Editor { get; }

    /// <summary>Modes in force.</summary>
    public ref readonly Termios Modes => ref _modes;

    /// <summary>Output was stopped by the STOP character or by tcflow.</summary>
    public bool IsOutputStopped { get; private set; }

    public bool IsCanonical => _modes.Has(LocalModes.ICANON);

    /// <summary>Sets the modes. A change of canonical mode keeps the input.</summary>
    public void SetModes(in Termios modes)
    {
        var canonicalChanged = ((modes.Local ^ _modes.Local) & LocalModes.ICANON) != 0;
        var lostFlowControl = _modes.Has(InputModes.IXON) && !modes.Has(InputModes.IXON);
        _modes = modes;
        ApplyModes();
        if (canonicalChanged)
        {
            Input.SetCanonical(IsCanonical);
            _isLiteralNext = false;
            _effects.InputArrived |= IsInputAvailable(1);
        }

        // Nothing could start the output again when XON has become an ordinary character.
        if (lostFlowControl && IsOutputStopped)
        {
            SetOutputStopped(false);
        }
    }

    /// <summary>tcflow, XON and XOFF.</summary>
    public void SetOutputStopped(bool isStopped)
    {
        if (IsOutputStopped != isStopped)
        {
            IsOutputStopped = isStopped;
            _effects.OutputFlowChanged = true;
        }
    }

    /// <summary>What the terminal has to do; resets.</summary>
    public DisciplineEffects TakeEffects()
    {
        var effects = _effects;
        _effects = default;
        return effects;
    }

    /// <summary>True when a read would give something: a line in canonical mode, else at least <paramref name="minimum"/> bytes.</summary>
    public bool IsInputAvailable(int minimum) => IsCanonical ? Input.CompleteCount > 0 : Input.Count >= minimum;

    /// <summary>Takes input: a line or a part of one in canonical mode.</summary>
    public int Read(Span<byte> destination, out bool endOfLine)
    {
        if (IsCanonical)
        {
            return Input.TakeLine(destination, out endOfLine);
        }

        endOfLine = false;
        return Input.TakeRaw(destination);
    }

    /// <summary>Forgets all input (tcflush).</summary>
    public void FlushInput()
    {
        Input.Clear();
        _isLiteralNext = false;
    }

    /// <summary>
    /// Takes bytes from the device. It stops early when the queue is full and readers can make room, and after each signal, so that the terminal can flush and send before it goes on.
    /// </summary>
    /// <returns>Bytes taken.</returns>
    public int Receive(ReadOnlySpan<byte> bytes)
    {
        for (var index = 0; index < bytes.Length; index++)
        {
            if (!MakeRoom())
            {
                _effects.InputArrived |= IsInputAvailable(1);
                return index;
            }

            ReceiveOne(bytes[index]);
            if (_effects.Signal != Signal.None)
            {
                _effects.InputArrived |= IsInputAvailable(1);
                return index + 1;
            }
        }

        _effects.InputArrived |= IsInputAvailable(1);
        return bytes.Length;
    }

    /// <summary>Takes a break or a broken character, as IGNBRK, BRKINT, IGNPAR, PARMRK and INPCK tell.</summary>
    public void ReceiveErroneous(byte character, ReceiveError error)
    {
        if (!MakeRoom() || error == ReceiveError.Overrun)
        {
            return;
        }

        if (error == ReceiveError.Break)
        {
            if (_modes.Has(InputModes.IGNBRK))
            {
                return;
            }

            if (_modes.Has(InputModes.BRKINT))
            {
                RaiseSignal(Signal.SIGINT);
                return;
            }

            AddMarked(0);
        }
        else if (!_modes.Has(InputModes.INPCK))
        {
            ReceiveOne(character);
        }
        else if (!_modes.Has(InputModes.IGNPAR))
        {
            AddMarked(_modes.Has(InputModes.PARMRK) ? character : (byte)0);
        }

        _effects.InputArrived |= IsInputAvailable(1);
    }

    private void ApplyModes()
    {
        Output.Modes = _modes.Output;
        Output.IsUtf8 = _modes.Has(InputModes.IUTF8);
        Echo.Modes = _modes.Local;
    }

    /// <summary>
    /// Room for what one byte can become. A canonical queue that is full of one unfinished line drops that line's last byte, so that the end of the line can still come; otherwise input waits for the readers.
    /// </summary>
    private bool MakeRoom()
    {
        var needed = _modes.Has(InputModes.PARMRK) ? 3 : 1;
        if (Input.Count + needed < InputBuffer.Capacity)
        {
            return true;
        }

        if (!IsCanonical || Input.CompleteCount > 0)
        {
            return false;
        }

        var excess = Input.Count + needed - InputBuffer.Capacity;
        if (excess > 0)
        {
            Input.RemoveLast(excess);
        }

        return true;
    }

    private void ReceiveOne(byte character)
    {
        if (_modes.Has(InputModes.ISTRIP))
        {
            character &= 0x7f;
        }

        if (_modes.Has(InputModes.IUCLC) && _modes.Has(LocalModes.IEXTEN) && character is >= (byte)'A' and <= (byte)'Z')
        {
            character += 0x20;
        }

        if (_modes.Has(LocalModes.EXTPROC))
        {
            Input.Add(character);
            return;
        }

        if (_isLiteralNext)
        {
            _isLiteralNext = false;
            AddOrdinary(character);
            return;
        }

        if (_modes.Has(InputModes.IXON) && ReceiveFlowControl(character))
        {
            return;
        }

        if (_modes.Has(LocalModes.ISIG) && SignalOf(character) is var signal and not Signal.None)
        {
            if (_modes.Has(InputModes.IXON))
            {
                SetOutputStopped(false);
            }

            RaiseSignal(signal);
            if (_modes.Has(LocalModes.ECHO))
            {
                Echo.Put(character);
            }

            return;
        }

        if (IsOutputStopped && _modes.Has(InputModes.IXON) && _modes.Has(InputModes.IXANY))
        {
            SetOutputStopped(false);
        }

        if (character == (byte)'\r')
        {
            if (_modes.Has(InputModes.IGNCR))
            {
                return;
            }

            if (_modes.Has(InputModes.ICRNL))
            {
                character = (byte)'\n';
            }
        }
        else if (character == (byte)'\n' && _modes.Has(InputModes.INLCR))
        {
            character = (byte)'\r';
        }

        if (!IsCanonical || !ReceiveCanonical(character))
        {
            AddOrdinary(character);
        }
    }

    private bool ReceiveFlowControl(byte character)
    {
        if (Is(character, ControlCharacter.VSTART))
        {
            SetOutputStopped(false);
            return true;
        }

        if (Is(character, ControlCharacter.VSTOP))
        {
            SetOutputStopped(true);
            return true;
        }

        return false;
    }

    private Signal SignalOf(byte character)
        => Is(character, ControlCharacter.VINTR) ? Signal.SIGINT
        : Is(character, ControlCharacter.VQUIT) ? Signal.SIGQUIT
        : Is(character, ControlCharacter.VSUSP) ? Signal.SIGTSTP
        : Signal.None;

    private void RaiseSignal(Signal signal)
    {
        _effects.Signal = signal;
        if (!_modes.Has(LocalModes.NOFLSH))
        {
            FlushInput();
            Echo.Clear();
            _effects.FlushOutput = true;
        }
    }

    /// <summary>The characters that edit or end a line.</summary>
    /// <returns>False for all others.</returns>
    private bool ReceiveCanonical(byte character)
    {
        var isExtended = _modes.Has(LocalModes.IEXTEN);
        if (Is(character, ControlCharacter.VERASE))
        {
            Editor.EraseCharacter(in _modes);
        }
        else if (Is(character, ControlCharacter.VKILL))
        {
            Editor.EraseLine(in _modes);
        }
        else if (isExtended && Is(character, ControlCharacter.VWERASE))
        {
            Editor.EraseWord(in _modes);
        }
        else if (isExtended && Is(character, ControlCharacter.VLNEXT))
        {
            _isLiteralNext = true;
            if (_modes.Has(LocalModes.ECHO))
            {
                Echo.FinishErasing();
                if (_modes.Has(LocalModes.ECHOCTL))
                {
                    Echo.PutRaw((byte)'^');
                    Echo.PutRaw((byte)'\b');
                }
            }
        }
        else if (isExtended && _modes.Has(LocalModes.ECHO) && Is(character, ControlCharacter.VREPRINT))
        {
            Editor.Reprint(character);
        }
        else if (character == (byte)'\n')
        {
            if (_modes.Has(LocalModes.ECHO) || _modes.Has(LocalModes.ECHONL))
            {
                Echo.PutRaw((byte)'\n');
            }

            Input.EndLine(character);
        }
        else if (Is(character, ControlCharacter.VEOF))
        {
            Input.EndLine(0);
        }
        else if (Is(character, ControlCharacter.VEOL) || (isExtended && Is(character, ControlCharacter.VEOL2)))
        {
            if (_modes.Has(LocalModes.ECHO))
            {
                if (Input.EditCount == 0)
                {
                    Echo.MarkLineStart();
                }

                Echo.Put(character);
            }

            if (character == 0xff && _modes.Has(InputModes.PARMRK))
            {
                Input.Add(character);
            }

            Input.EndLine(character);
        }
        else
        {
            return false;
        }

        return true;
    }

    private void AddOrdinary(byte character)
    {
        if (_modes.Has(LocalModes.ECHO))
        {
            Echo.FinishErasing();
            if (character == (byte)'\n')
            {
                Echo.PutRaw(character);
            }
            else
            {
                if (Input.EditCount == 0)
                {
                    Echo.MarkLineStart();
                }

                Echo.Put(character);
            }
        }

        // 0xff introduces the marks of PARMRK, so that a real one is doubled.
        if (character == 0xff && _modes.Has(InputModes.PARMRK))
        {
            Input.Add(character);
        }

        Input.Add(character);
    }

    private void AddMarked(byte character)
    {
        if (_modes.Has(InputModes.PARMRK))
        {
            Input.Add(0xff);
            Input.Add(0);
        }

        Input.Add(character);
    }

    private bool Is(byte character, ControlCharacter index) => character != 0 && _modes[index] == character;
}
