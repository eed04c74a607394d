// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>The thread-static fields of the running task: one zeroed block for all of them, which the compiler has laid out.</summary>
// SAFETY: the block belongs to the task until RuntimeThread.Destroy frees it; only the task itself reads and writes it, and the collector looks through it word by word.
internal static unsafe class ThreadStatics
{
    [RuntimeImport("*", "ArchThreadStaticsSize")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint Size();

    [RuntimeExport("AsterionThreadStatics")]
    internal static byte* Block()
    {
        byte* block = ArchRuntime.GetThread()->StaticBlock;
        return block != null ? block : Make();
    }

    private static byte* Make()
    {
        nuint size = Size();
        byte* block = (byte*)NativeHeap.AllocateZeroed(size);
        if (block == null)
        {
            AllocationExports.ThrowOutOfMemory();
        }

        RuntimeThread* thread = ArchRuntime.GetThread();
        thread->StaticBlockSize = size;
        thread->StaticBlock = block;
        return block;
    }
}
