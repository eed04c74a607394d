// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Sync;

namespace Ostd.Diagnostics;

/// <summary>The newest oops reports, apart from the kernel's log, which may have moved on.</summary>
// SAFETY: the ring is a fixed buffer in a static, which never moves; every index is taken modulo its capacity, under the lock.
internal static unsafe class OopsLog
{
    private const int Capacity = 32 * 1024;

    private static RawSpinLock s_lock;
    private static Ring s_ring;
    private static long s_written;

    /// <summary>Appends one line.</summary>
    public static void Write(ReadOnlySpan<char> line)
    {
        bool wereEnabled = s_lock.Enter();
        foreach (char c in line)
        {
            Append(c);
        }

        Append('\n');
        s_lock.Exit(wereEnabled);
    }

    /// <summary>The whole lines that are kept, oldest first.</summary>
    public static byte[] Copy()
    {
        byte[] text = new byte[Capacity];
        bool wereEnabled = s_lock.Enter();
        int count = (int)Math.Min(s_written, Capacity);
        for (int i = 0; i < count; i++)
        {
            text[i] = s_ring.Bytes[(s_written - count + i) % Capacity];
        }

        s_lock.Exit(wereEnabled);
        int start = count < Capacity ? 0 : text.AsSpan().IndexOf((byte)'\n') + 1;
        return text[start..count];
    }

    private static void Append(char c)
    {
        s_ring.Bytes[s_written % Capacity] = c < 0x80 ? (byte)c : (byte)'?';
        s_written++;
    }

    private struct Ring
    {
        public fixed byte Bytes[Capacity];
    }
}
