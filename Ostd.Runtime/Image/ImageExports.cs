// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>What CoreLib asks about the image: there is one, without a name.</summary>
// SAFETY: out parameters are locals of CoreLib's.
internal static unsafe class ImageExports
{
    [RuntimeExport("RhGetOSModuleFromPointer")]
    private static nint GetOsModuleFromPointer(nuint address)
    {
        ImageTable* image = ArchRuntime.ImageTable();
        return address >= image->KernelStart && address < image->KernelEnd ? (nint)image->KernelStart : 0;
    }

    [RuntimeExport("RhGetModuleFileName")]
    private static int GetModuleFileName(nint module, byte** name)
    {
        *name = null;
        return 0;
    }
}
