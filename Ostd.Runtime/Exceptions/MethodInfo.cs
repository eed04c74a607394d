// SPDX-License-Identifier: MPL-2.0

using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>
/// A method or funclet found by an address in it: where it starts, its unwind instructions, and the block that ilc puts into <c>.dotnet_eh_table</c> (the
/// LSDA of its frame description).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: the pointers lead into read-only tables of the image, which never go away, so a copy cannot dangle. The members are used after
// TryFind succeeded only, when none is null; a block's flags say which fields follow, and ilc wrote both.
internal unsafe struct MethodInfo
{
    /// <summary>Start of the method; a funclet's parent method.</summary>
    internal nuint MethodStart;

    /// <summary>The method's own block.</summary>
    internal byte* MainBlock;

    /// <summary>The block found: the funclet's, or the method's.</summary>
    internal byte* Block;

    /// <summary>Start of the range with unwind instructions of its own: the funclet, or the method.</summary>
    internal nuint RangeStart;

    /// <summary>The frame description (FDE).</summary>
    internal byte* Fde;

    // Flags in a block's first byte (NativeAOT, UnwindBlockFlags).
    private const byte KindMask = 3;
    private const byte HasExceptionInfo = 4;
    private const byte ReversePInvoke = 8;
    private const byte HasAssociatedData = 16;

    [InterruptSafe]
    internal readonly bool IsFunclet => (*Block & KindMask) != 0;

    internal readonly bool IsReversePInvoke => (*MainBlock & ReversePInvoke) != 0;

    [InterruptSafe]
    internal readonly bool HasFramePointer => (*MainBlock & HasExceptionInfo) != 0 || IsFunclet;

    /// <summary>Finds the method that an address of compiled code belongs to.</summary>
    [InterruptSafe]
    internal static bool TryFind(nuint address, out MethodInfo method)
    {
        method = default;
        if (!ExceptionTables.TryFindFde(address, out byte* fde, out nuint start, out byte* block) || block == null)
        {
            return false;
        }

        method.Fde = fde;
        method.RangeStart = start;
        method.Block = block;
        byte flags = *block++;
        if ((flags & KindMask) != 0)
        {
            // A funclet names its method's block and its own distance from the method, both relative.
            method.MainBlock = block + *(int*)block;
            block += 4;
            method.MethodStart = start - (nuint)(nint)(*(int*)block);
        }
        else
        {
            method.MainBlock = method.Block;
            method.MethodStart = start;
        }

        return true;
    }

    /// <summary>The method's exception clauses, or null.</summary>
    internal readonly byte* ExceptionClauses()
    {
        byte* p = MainBlock;
        byte flags = *p++;
        if ((flags & HasExceptionInfo) == 0)
        {
            return null;
        }

        if ((flags & HasAssociatedData) != 0)
        {
            p += 4;
        }

        return p + *(int*)p;
    }
}
