// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;

namespace Ostd.Core.Tests;

/// <summary>Pages that follow each other, of no client's.</summary>
internal static class FrameRun
{
    /// <summary>Gives a run back, or a part of one, page by page as all of OSTD does.</summary>
    public static void Free(uint first, uint count)
    {
        for (uint page = first; page < first + count; page++)
        {
            FrameAllocator.FreePage(page);
        }
    }
}
