// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch.Remapping;

/// <summary>Writes the CPU's cache back, for hardware that reads memory past it (SDM volume 2, CLFLUSH).</summary>
internal static unsafe class CacheLines
{
    private const int LineLength = 64;

    /// <summary>Writes back every line of a range, and waits until memory has them.</summary>
    // SAFETY: the instruction changes no memory's content; it faults only on addresses that a read would fault on, and the caller owns the range.
    public static void Flush(void* start, int length)
    {
        byte* end = (byte*)start + length;
        for (byte* line = (byte*)((nint)start & ~(nint)(LineLength - 1)); line < end; line += LineLength)
        {
            FlushLine(line);
        }

        System.Threading.Interlocked.MemoryBarrier();
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchFlushCacheLine")]
    private static extern void FlushLine(void* address);
}
