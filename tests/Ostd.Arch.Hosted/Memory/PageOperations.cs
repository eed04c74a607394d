// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>Whole-page operations.</summary>
public static unsafe class PageOperations
{
    /// <summary>Fills one page with zeros.</summary>
    // SAFETY: the caller owns the page.
    public static void Zero(void* page) => new Span<byte>(page, 1 << PageTableFormat.PageShift).Clear();

    /// <summary>Copies one page.</summary>
    // SAFETY: the caller owns both pages.
    public static void Copy(void* destination, void* source) =>
        new Span<byte>(source, 1 << PageTableFormat.PageShift).CopyTo(new Span<byte>(destination, 1 << PageTableFormat.PageShift));
}
