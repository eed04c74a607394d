// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Whole-page operations of the fault path, as fast as the CPU can.</summary>
public static unsafe class PageOperations
{
    /// <summary>Fills one page with zeros.</summary>
    // SAFETY: the caller owns the page behind the pointer; the stub writes exactly one page.
    [RuntimeImport("*", "ArchPageZero")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Zero(void* page);

    /// <summary>Copies one page.</summary>
    // SAFETY: the caller owns both pages; the stub copies exactly one page.
    [RuntimeImport("*", "ArchPageCopy")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void Copy(void* destination, void* source);
}
