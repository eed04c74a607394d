// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Looks an address up in the tables that the CPU uses.</summary>
// SAFETY: the root in use and all that present entries lead to are tables that live as long as the address space is in use here; they lie in the linear map. An entry may change meanwhile: what is returned
// was true at one moment.
internal static unsafe class PageTableWalk
{
    /// <summary>Whether a page is mapped.</summary>
    public static bool IsPresent(ulong address)
    {
        ulong table = PageTableRegister.Root;
        for (int level = PageTableFormat.LevelCount - 1; ; level--)
        {
            int shift = PageTableFormat.PageShift + level * PageTableFormat.IndexBits;
            ulong entry = ((ulong*)PhysicalMap.ToPointer(table))[(address >> shift) & ((1u << PageTableFormat.IndexBits) - 1)];
            if (!PageTableFormat.IsPresent(entry))
            {
                return false;
            }

            if (level == 0 || PageTableFormat.IsLargePage(entry))
            {
                return true;
            }

            table = PageTableFormat.AddressOf(entry);
        }
    }
}
