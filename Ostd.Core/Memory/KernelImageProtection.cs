// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// Gives the kernel's own memory the rights that it needs and no others: code is executable and read-only, constants are read-only, everything else is never executable. The boot stub's
/// tables, in which all is allowed, are replaced. The page below the boot stack is not mapped at all.
/// </summary>
internal static unsafe class KernelImageProtection
{
    // The image lies within what one table of this level, the boot stub's or the new one, maps.
    private const int DirectoryLevel = 1;

    /// <summary>Replaces the boot stub's map of the image. Once, after <see cref="KernelSpace.Initialize"/>, before there is a user space.</summary>
    public static void Apply()
    {
        ulong directory = PageTable.Allocate();
        if (directory == 0)
        {
            Boot.Panic.Halt("no memory for the kernel's page tables");
        }

        Map(directory, KernelImage.TextStart, KernelImage.TextEnd, Rights.Code);
        Map(directory, KernelImage.RodataStart, KernelImage.RodataEnd, Rights.Constants);
        Map(directory, KernelImage.DataStart & ~(ulong)(Paging.PageSizeBytes - 1), KernelImage.BssEnd, Rights.Data);

        // The symbols that backtraces name code by.
        Map(directory, KernelImage.BssEnd, KernelImage.ImageEnd, Rights.Constants);

        ulong guard = KernelImage.BootStackGuard;
        PageTable.Entries(PageTableFormat.AddressOf(PageTable.Entries(directory)[PageTable.IndexOf(guard, DirectoryLevel)]))[PageTable.IndexOf(guard, 0)] = 0;

        // SAFETY: the new tables map every page of the image that is in use at the address where it was, with the rights that its section needs; the linear map holds data only. The root
        // entries are those of the kernel's root, from which user spaces copy theirs later.
        ulong table = KernelSpace.Root;
        for (int level = PageTable.RootLevel; level > DirectoryLevel + 1; level--)
        {
            table = PageTableFormat.AddressOf(PageTable.Entries(table)[PageTable.IndexOf(KernelImage.TextStart, level)]);
        }

        PageTable.Entries(table)[PageTable.IndexOf(KernelImage.TextStart, DirectoryLevel + 1)] = PageTableFormat.MakeTable(directory, isUser: false);
        if (PhysicalMap.IsInPageTables)
        {
            ulong* linear = PageTable.Entries(KernelSpace.Root) + PageTable.IndexOf(PhysicalMap.Base, PageTable.RootLevel);
            *linear = PageTableFormat.WithoutExecute(*linear);
        }

        PageTableRegister.FlushAll();
    }

    private enum Rights
    {
        Code,
        Constants,
        Data,
    }

    private static void Map(ulong directory, ulong start, ulong end, Rights rights)
    {
        for (ulong address = start; address < end; address += (ulong)Paging.PageSizeBytes)
        {
            ulong* entry = PageTable.Entries(directory) + PageTable.IndexOf(address, DirectoryLevel);
            if (*entry == 0)
            {
                ulong leaf = PageTable.Allocate();
                if (leaf == 0)
                {
                    Boot.Panic.Halt("no memory for the kernel's page tables");
                }

                *entry = PageTableFormat.MakeTable(leaf, isUser: false);
            }

            ulong physical = address - PhysicalMap.KernelImageOffset;
            PageTable.Entries(PageTableFormat.AddressOf(*entry))[PageTable.IndexOf(address, 0)] = rights == Rights.Code
                ? PageTableFormat.MakeKernelCode(physical)
                : PageTableFormat.MakeKernelPage(physical, canWrite: rights == Rights.Data);
        }
    }
}
