// SPDX-License-Identifier: MPL-2.0

using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>A function found by an address in it.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: the pointers lead into read-only tables of the image, which never go away, so a copy cannot dangle.
internal unsafe struct MethodInfo
{
    /// <summary>First address of the function.</summary>
    internal nuint MethodStart;

    /// <summary>The frame description (FDE).</summary>
    internal byte* Fde;

    [InterruptSafe]
    internal readonly nuint RangeStart => MethodStart;

    /// <summary>Whether the frame pointer tells frames apart: there are no funclets here, so nobody asks by it.</summary>
    internal readonly bool HasFramePointer => false;

    /// <summary>Finds the function that an address of compiled code belongs to.</summary>
    [InterruptSafe]
    internal static bool TryFind(nuint address, out MethodInfo method)
    {
        method = default;
        ImageTable* image = ArchRuntime.ImageTable();
        if (address < image->CompiledCodeStart || address >= image->CompiledCodeEnd || !ExceptionTables.TryFindFde(address, out byte* fde, out nuint start, out _))
        {
            return false;
        }

        method.Fde = fde;
        method.MethodStart = start;
        return true;
    }
}
