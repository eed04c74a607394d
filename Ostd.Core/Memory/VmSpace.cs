// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Arch;
using Ostd.Sync;
using Ostd.Tasks;

namespace Ostd.Memory;

/// <summary>
/// A user address space: page tables over untyped frames. A mapping holds one reference to its frame. Changes go through a cursor, which locks
/// the page tables (a spinning lock: no sleeping while one is open); the TLBs of all CPUs that run the space are flushed before the
/// frames of removed mappings are released.
/// </summary>
public sealed unsafe class VmSpace : IDisposable
{
    internal readonly Sync.SpinLock Lock = new();
    internal readonly TlbBatch Batch = new();

    /// <summary>Physical address of the root table; 0 once disposed. Guarded by <see cref="Lock"/> for changes.</summary>
    internal ulong Root;

    /// <summary>Tables below the root. Guarded by <see cref="Lock"/>.</summary>
    internal long TableCount;

    private VmSpace(ulong root) => Root = root;

    /// <summary>Who resolves the faults of kernel copies from and to this space.</summary>
    public IPageFaultHandler? FaultHandler { get; set; }

    /// <summary>The current task's address space, or null.</summary>
    public static VmSpace? Current => Task.Current.VmSpace;

    /// <summary>Bytes that the page tables of this space take.</summary>
    public long PageTableBytes => (Volatile.Read(ref TableCount) + 1) << PageTableFormat.PageShift;

    /// <summary>This CPU's page-table root is that of this space.</summary>
    internal bool IsLoaded => PageTableRegister.Root == Root;

    /// <summary>Creates an empty space that shares the kernel's half.</summary>
    public static bool TryCreate([NotNullWhen(true)] out VmSpace? space)
    {
        space = null;
        ulong root = PageTable.Allocate();
        if (root == 0)
        {
            return false;
        }
        if (PageTableFormat.IsKernelHalfInUserRoot)
        {
            // SAFETY: both are root tables; the kernel's root entries are all made at boot and never change, so that a copy stays true.
            int first = PageTableFormat.KernelRootIndex;
            new ReadOnlySpan<ulong>(PageTable.Entries(KernelSpace.Root) + first, PageTable.EntryCount - first)
                .CopyTo(new Span<ulong>(PageTable.Entries(root) + first, PageTable.EntryCount - first));
        }
        space = new VmSpace(root);
        return true;
    }

    /// <summary>Makes this the current task's address space, now and whenever the task is switched in.</summary>
    public void Activate()
    {
        ObjectDisposedException.ThrowIf(Root == 0, this);
        using PreemptGuard guard = PreemptGuard.Disable();
        Task.Current.VmSpace = this;
        Load(this);
    }

    /// <summary>Detaches the current task from any user space (it then has none).</summary>
    public static void Deactivate()
    {
        using PreemptGuard guard = PreemptGuard.Disable();
        Task.Current.VmSpace = null;
        PageTableRegister.Load(KernelSpace.Root);
    }

    /// <summary>Opens a cursor at a page-aligned address.</summary>
    public VmCursor Open(ulong address) => new(this, address);

    /// <summary>Unmaps all and frees the page tables. The space must not be active on any CPU.</summary>
    public void Dispose()
    {
        using SpinGuard guard = Lock.Acquire();
        if (Root == 0)
        {
            return;
        }
        if (IsLoaded)
        {
            // A task without a space keeps the tables of the one before it; leave them now.
            PageTableRegister.Load(KernelSpace.Root);
        }
        TlbShootdown.FlushOthers(this);
        ulong root = Root;
        Root = 0;
        FreeTable(root, PageTable.RootLevel);
        TableCount = 0;
    }

    /// <summary>Switches this CPU's page tables, for the scheduler: with preemption off. A task without a space keeps the tables that are loaded.</summary>
    internal static void Load(VmSpace? space)
    {
        if (space is not null && PageTableRegister.Root != space.Root)
        {
            PageTableRegister.Load(space.Root);
        }
    }

    // SAFETY: the eight entries lie within one table.
    private static bool IsGroupEmpty(ulong* entries) =>
        (entries[0] | entries[1] | entries[2] | entries[3] | entries[4] | entries[5] | entries[6] | entries[7]) == 0;

    private static void FreeTable(ulong table, int level)
    {
        // SAFETY: the table belongs to a space that no CPU uses any more.
        ulong* entries = PageTable.Entries(table);
        int end = level == PageTable.RootLevel && PageTableFormat.IsKernelHalfInUserRoot ? PageTableFormat.KernelRootIndex : PageTable.EntryCount;
        uint used = PageTable.UsedEntries(table);
        for (int i = 0; i < end && used > 0; i++)
        {
            ulong entry = entries[i];
            if (entry == 0)
            {
                // Most tables are nearly empty: skip eight entries at a time.
                while ((i & 7) == 0 && i + 8 < end && IsGroupEmpty(entries + i))
                {
                    i += 8;
                }
                entry = entries[i];
                if (entry == 0)
                {
                    continue;
                }
            }
            used--;
            if (level == 0)
            {
                Frame.FromMapping(PageTableFormat.AddressOf(entry)).Release();
            }
            else
            {
                FreeTable(PageTableFormat.AddressOf(entry), level - 1);
            }
        }
        PageTable.Free(table);
    }
}
