// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;

namespace Ostd.Arch;

/// <summary>
/// The hosted machine's MMU. Each host thread has a root and a TLB of its own that, like a real one, keeps what it saw until it is
/// flushed: a flush that the framework forgot shows as a stale translation.
/// </summary>
public static unsafe class PageTableRegister
{
    [ThreadStatic]
    private static ulong t_root;

    [ThreadStatic]
    private static Dictionary<ulong, ulong>? t_buffer;

    [ThreadStatic]
    private static int t_epoch;

    private static int s_epoch;

    /// <summary>Physical address of the root table in use; 0 before one is loaded.</summary>
    public static ulong Root => t_root;

    /// <summary>Switches to another root and forgets all translations.</summary>
    public static void Load(ulong rootPhysical)
    {
        t_root = rootPhysical;
        t_buffer?.Clear();
    }

    /// <summary>Forgets the translation of one page.</summary>
    public static void FlushPage(ulong address) => t_buffer?.Remove(address >> PageTableFormat.PageShift);

    /// <summary>Forgets all translations of user space.</summary>
    public static void FlushUser() => t_buffer?.Clear();

    /// <summary>Forgets all translations.</summary>
    public static void FlushAll() => t_buffer?.Clear();

    /// <summary>Makes all threads forget all translations, before their next access.</summary>
    public static void FlushEverywhere() => Interlocked.Increment(ref s_epoch);

    /// <summary>Translates a user address for one access, and sets the accessed and dirty bits as the CPU does.</summary>
    /// <returns>False for a page fault.</returns>
    internal static bool TryTranslate(ulong address, bool isWrite, out ulong physicalAddress)
    {
        physicalAddress = 0;
        if (t_root == 0 || address >= PageTableFormat.UserSpaceEnd)
        {
            return false;
        }
        t_buffer ??= [];
        int epoch = Volatile.Read(ref s_epoch);
        if (epoch != t_epoch)
        {
            t_epoch = epoch;
            t_buffer.Clear();
        }
        ulong page = address >> PageTableFormat.PageShift;
        ulong offset = address & ((1UL << PageTableFormat.PageShift) - 1);
        if (t_buffer.TryGetValue(page, out ulong cached) && (!isWrite || (PageTableFormat.CanWrite(cached) && PageTableFormat.IsDirty(cached))))
        {
            physicalAddress = PageTableFormat.AddressOf(cached) + offset;
            return true;
        }
        ulong table = t_root;
        for (int level = PageTableFormat.LevelCount - 1; level > 0; level--)
        {
            ulong entry = *EntryAt(table, address, level);
            if (!PageTableFormat.IsPresent(entry))
            {
                return false;
            }
            table = PageTableFormat.AddressOf(entry);
        }
        ulong* leaf = EntryAt(table, address, 0);
        if (!PageTableFormat.CanRead(*leaf) || (isWrite && !PageTableFormat.CanWrite(*leaf)))
        {
            // A CPU drops the entry that faulted, so that the retry walks again (Intel SDM vol. 3A, 4.10.4.1).
            t_buffer.Remove(page);
            return false;
        }
        *leaf = PageTableFormat.WithAccess(*leaf, isWrite);
        t_buffer[page] = *leaf;
        physicalAddress = PageTableFormat.AddressOf(*leaf) + offset;
        return true;
    }

    // SAFETY: table addresses come from the root and from present entries, all of them in the machine's memory.
    private static ulong* EntryAt(ulong table, ulong address, int level)
    {
        int shift = PageTableFormat.PageShift + (level * PageTableFormat.IndexBits);
        int index = (int)(address >> shift) & ((1 << PageTableFormat.IndexBits) - 1);
        return (ulong*)PhysicalMap.ToPointer(table) + index;
    }
}
