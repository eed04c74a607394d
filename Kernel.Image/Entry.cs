// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Kernel.Image;

internal static unsafe class Entry
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDebugWrite")]
    private static extern void DebugWrite(byte* text, nint length);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchHalt")]
    private static extern void Halt();

    [RuntimeExport("KernelEntry")]
    private static void KernelEntry(ulong bootInfoPhysical, uint protocol)
    {
        fixed (byte* text = "Hello from ring 0\n"u8)
        {
            DebugWrite(text, 18);
        }

        Halt();
    }
}
