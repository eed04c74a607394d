// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Where the heap's memory comes from, once OSTD has frames and page tables.</summary>
// SAFETY: the function pointers are the kernel's static methods, which never go away, and are set before the main region gets its
// blocks, the only ones that are committed. Calls come under the heap's lock; what is decommitted are free blocks, which nothing refers
// to.
public static unsafe class PageProvider
{
    [NoAlloc]
    private static delegate*<nuint, nuint, bool> s_commit;
    [NoAlloc]
    private static delegate*<nuint, nuint, void> s_decommit;

    /// <summary>Size of a page; commits are multiples of it.</summary>
    internal static nuint PageSize { get; private set; }

    internal static ulong CommittedBytes { get; private set; }

    /// <summary>
    /// Gives the heap a region of addresses and the means to back it with memory. Called once, after which allocation no longer depends on the
    /// boot heap.
    /// </summary>
    /// <param name="regionBase">Start of the region, a multiple of 32 KiB, used by nobody else.</param>
    /// <param name="regionSizeBytes">Its size, a multiple of 32 KiB. Some 4.4 % of it are the heap's own tables.</param>
    /// <param name="pageSizeBytes">The page size, at most 32 KiB.</param>
    /// <param name="commit">
    /// (address, sizeBytes): maps writable, non-executable memory there, with any contents; false when there is none, with nothing mapped. Called with
    /// interrupts off and the heap locked; must not allocate objects.
    /// </param>
    /// <param name="decommit">(address, sizeBytes): unmaps what was committed. Called as above, or with the world stopped.</param>
    public static void Install(
        nuint regionBase,
        nuint regionSizeBytes,
        nuint pageSizeBytes,
        [NoAlloc] delegate*<nuint, nuint, bool> commit,
        [NoAlloc] delegate*<nuint, nuint, void> decommit)
    {
        PageSize = pageSizeBytes;
        s_commit = commit;
        s_decommit = decommit;
        GcHeap.AddMainRegion(regionBase, regionSizeBytes);
    }

    [NoAlloc]
    internal static bool Commit(nuint address, nuint sizeBytes)
    {
        if (!HeapLimit.Allows(sizeBytes) || !s_commit(address, sizeBytes))
        {
            return false;
        }

        CommittedBytes += sizeBytes;
        return true;
    }

    [NoAlloc]
    internal static void Decommit(nuint address, nuint sizeBytes)
    {
        s_decommit(address, sizeBytes);
        CommittedBytes -= sizeBytes;
    }
}
