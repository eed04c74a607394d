// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty.Discipline;

/// <summary>
/// What the discipline sends back to the terminal, already processed for output. What finds no room in the queue is dropped: nobody waits for an echo. Not thread-safe.
/// </summary>
internal sealed class Echo(OutputProcessor output)
{
    private const int Capacity = 4096;

    private readonly ByteRing _ring = new(Capacity);
    private bool _isErasing;

    /// <summary>Local modes in force.</summary>
    public LocalModes Modes { get; set; }

    /// <summary>Bytes that wait for room in the driver.</summary>
    public ByteRing Pending => _ring;

    private bool ShowsControl => (Modes & LocalModes.ECHOCTL) != 0;

    /// <summary>Sends a byte through output processing.</summary>
    public void PutRaw(byte character)
    {
        Span<byte> buffer = stackalloc byte[OutputProcessor.MaxExpansion];
        var count = output.ProcessOne(character, buffer);
        if (count > 0 && _ring.Room >= count)
        {
            _ring.Write(buffer[..count]);
        }
    }

    /// <summary>Sends a byte as it is, without output processing (XON and XOFF of IXOFF).</summary>
    public void PutUnprocessed(byte character)
    {
        ReadOnlySpan<byte> buffer = [character];
        _ring.Write(buffer);
    }

    /// <summary>Sends an input character: control characters but tab as <c>^X</c> with ECHOCTL.</summary>
    public void Put(byte character)
    {
        if (ShowsControl && OutputProcessor.IsControl(character) && character != (byte)'\t')
        {
            ReadOnlySpan<byte> shown = [(byte)'^', (byte)(character ^ 0x40)];
            if (_ring.Room >= shown.Length)
            {
                _ring.Write(shown);
                output.Advance(2);
            }
        }
        else
        {
            PutRaw(character);
        }
    }

    /// <summary>Begins a line under edit: its column is where tabs count from.</summary>
    public void MarkLineStart() => output.LineStartColumn = output.Column;

    /// <summary>Shows in the way of a printing terminal (ECHOPRT) which characters are erased: <c>\xyz/</c>.</summary>
    public void PutErased(byte character)
    {
        if (!_isErasing)
        {
            PutRaw((byte)'\\');
            _isErasing = true;
        }

        Put(character);
    }

    /// <summary>Ends what <see cref="PutErased"/> began.</summary>
    public void FinishErasing()
    {
        if (_isErasing)
        {
            PutRaw((byte)'/');
            _isErasing = false;
        }
    }

    /// <summary>Wipes a character off the screen: two columns for one that was shown as <c>^X</c>, none for a control character that was not shown.</summary>
    public void Erase(byte character)
    {
        var isControl = OutputProcessor.IsControl(character);
        if (isControl && ShowsControl)
        {
            WipeColumn();
        }

        if (!isControl || ShowsControl)
        {
            WipeColumn();
        }
    }

    /// <summary>Goes back over a tab.</summary>
    /// <param name="columnsBefore">Columns on the line before it: since the previous tab, or since the line's start.</param>
    /// <param name="isAfterTab">The columns count from a tab stop.</param>
    public void EraseTab(uint columnsBefore, bool isAfterTab)
    {
        if (!isAfterTab)
        {
            columnsBefore += output.LineStartColumn;
        }

        for (var remaining = 8 - (columnsBefore & 7); remaining > 0; remaining--)
        {
            PutUnprocessed((byte)'\b');
            output.MoveBack(1);
        }
    }

    /// <summary>Forgets what was not sent yet.</summary>
    public void Clear()
    {
        _ring.Clear();
        _isErasing = false;
    }

    private void WipeColumn()
    {
        PutRaw((byte)'\b');
        PutRaw((byte)' ');
        PutRaw((byte)'\b');
    }
}
