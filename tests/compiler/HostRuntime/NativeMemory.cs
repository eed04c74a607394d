// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Memory of the runtime itself.</summary>
internal static unsafe class NativeMemory
{
    private const nuint ChunkSize = 1 << 16;

    private static byte* s_next;
    private static nuint s_left;

    internal static byte* Allocate(nuint size)
    {
        size = (size + 15) & ~(nuint)15;
        if (s_left < size)
        {
            s_left = size > ChunkSize ? size : ChunkSize;
            s_next = Host.Map(s_left);
        }

        byte* memory = s_next;
        s_next += size;
        s_left -= size;
        return memory;
    }
}
