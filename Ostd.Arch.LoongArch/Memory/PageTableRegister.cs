// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The page-table root that this CPU uses for the lower half of addresses, and its TLB. The upper half's is the kernel's, always.</summary>
public static class PageTableRegister
{
    /// <summary>Physical address of the root table in use; the kernel's where there is no user space.</summary>
    [InterruptSafe]
    public static ulong Root
    {
        get
        {
            ulong root = ReadUserRoot();
            return root == EmptyRoot() ? ReadKernelRoot() : root;
        }
    }

    /// <summary>Switches to another root; nothing of the old one stays in the TLB. The kernel's means that no user space is in use: the kernel's own entries are not for the lower half.</summary>
    [InterruptSafe]
    public static void Load(ulong rootPhysical) => WriteUserRoot(rootPhysical == ReadKernelRoot() ? EmptyRoot() : rootPhysical);

    /// <summary>Drops the translation of one page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidatePage")]
    public static extern void FlushPage(ulong virtualAddress);

    /// <summary>Drops all translations of user space.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidateUser")]
    public static extern void FlushUser();

    /// <summary>Drops all translations.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidateAll")]
    public static extern void FlushAll();

    /// <summary>The root for an address: each half has one.</summary>
    internal static ulong RootFor(ulong address) => (long)address < 0 ? ReadKernelRoot() : ReadUserRoot();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadUserRoot")]
    private static extern ulong ReadUserRoot();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadKernelRoot")]
    private static extern ulong ReadKernelRoot();

    // A table without entries, of the boot code's.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEmptyRoot")]
    private static extern ulong EmptyRoot();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteUserRoot")]
    private static extern void WriteUserRoot(ulong rootPhysical);
}
