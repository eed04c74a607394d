// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Looks an address up in the tables that the CPU uses.</summary>
// SAFETY: the roots in use and all that present entries lead to are tables that live as long as the address space is in use here; they lie in the linear map. An entry may change meanwhile: what is returned
// was true at one moment.
internal static unsafe class PageTableWalk
{
    private const int UnusedBits = 16;

    /// <summary>Whether a page is mapped.</summary>
    public static bool IsPresent(ulong address)
    {
        if ((long)(address << UnusedBits) >> UnusedBits != (long)address)
        {
            return false;
        }

        ulong table = PageTableRegister.RootFor(address);
        for (int level = PageTableFormat.LevelCount - 1; ; level--)
        {
            int shift = PageTableFormat.PageShift + level * PageTableFormat.IndexBits;
            ulong entry = ((ulong*)PhysicalMap.ToPointer(table))[(address >> shift) & ((1u << PageTableFormat.IndexBits) - 1)];
            if (!PageTableFormat.IsPresent(entry))
            {
                return false;
            }

            if (level == 0)
            {
                return true;
            }

            table = PageTableFormat.AddressOf(entry);
        }
    }
}
