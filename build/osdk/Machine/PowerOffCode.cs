// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using System.Text;

namespace Asterion.Osdk.Machine;

/// <summary>
/// The code with which a kernel powered its machine off, where the machine has no device that gives it to QEMU: LoongArch's kernel says it on the serial line, as <c>power off: code N</c>, the last line of all.
/// </summary>
internal sealed class PowerOffCode
{
    private const string Start = "power off: code ";
    private const int TailLength = 64;

    private readonly byte[] _tail = new byte[TailLength];
    private int _count;

    /// <summary>Takes the next bytes of the line.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= TailLength)
        {
            bytes = bytes[^TailLength..];
        }
        int kept = Math.Min(_count, TailLength - bytes.Length);
        _tail.AsSpan(_count - kept, kept).CopyTo(_tail);
        bytes.CopyTo(_tail.AsSpan(kept));
        _count = kept + bytes.Length;
    }

    /// <summary>What QEMU's status would be with the exit device of a PC.</summary>
    /// <param name="qemuStatus">What it is.</param>
    public int StatusFor(int qemuStatus)
    {
        string[] lines = Encoding.ASCII.GetString(_tail, 0, _count).TrimEnd().Split('\n');
        return qemuStatus == 0 && lines.Length > 1 && lines[^1].StartsWith(Start, StringComparison.Ordinal)
            && int.TryParse(lines[^1].AsSpan(Start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int code) ? (code * 2) + 1 : qemuStatus;
    }
}
