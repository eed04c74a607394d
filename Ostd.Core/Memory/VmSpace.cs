// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;
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
    // By CPU: the space whose tables it uses. Written on the CPU itself with interrupts off.
    private static VmSpace?[] s_loaded = null!;

    private long _loadedCpus;

    internal readonly Sync.SpinLock Lock = new();
    internal readonly TlbBatch Batch = new();

    /// <summary>Counts up when a cursor opens and when it closes: tells an open cursor from a closed one. Guarded by <see cref="Lock"/>.</summary>
    internal long CursorSerial;

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

    /// <summary>CPUs, bit by bit, that use the tables or are about to: see <see cref="RemoteTlb"/>.</summary>
    internal ulong LoadedCpus => (ulong)Volatile.Read(ref _loadedCpus);

    /// <summary>This CPU's page-table root is that of this space.</summary>
    [InterruptSafe]
    internal bool IsLoaded => PageTableRegister.Root == Root;

    /// <summary>Before the first space is loaded.</summary>
    internal static void Initialize() => s_loaded = new VmSpace?[Cpus.Cpu.MaxCount];

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
        Disposed.ThrowIf(Root == 0, nameof(VmSpace));
        using InterruptGuard guard = InterruptGuard.Disable();
        Task.Current.VmSpace = this;
        Load(this);
    }

    /// <summary>Detaches the current task from any user space (it then has none).</summary>
    public static void Deactivate()
    {
        using InterruptGuard guard = InterruptGuard.Disable();
        Task.Current.VmSpace = null;
        Leave();
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
        bool wereEnabled = Interrupts.Disable();
        if (IsLoaded)
        {
            // A task without a space keeps the tables of the one before it; leave them now.
            Leave();
        }
        ulong root = Root;
        Volatile.Write(ref Root, 0);
        Interrupts.Restore(wereEnabled);
        TlbShootdown.DetachOthers(this);
        FreeTable(root, PageTable.RootLevel);
        TableCount = 0;
    }

    /// <summary>Switches this CPU's page tables, for the scheduler: with interrupts off. A task without a space keeps the tables that are loaded; one whose space is gone gets the kernel's.</summary>
    [InterruptSafe]
    internal static void Load(VmSpace? space)
    {
        if (space is null || PageTableRegister.Root == space.Root)
        {
            return;
        }
        if (TaskHosting.IsHosted)
        {
            PageTableRegister.Load(space.Root);
            return;
        }
        // The bit comes first: see RemoteTlb. Dispose clears the root, then looks at the bits, so that either it sees this CPU's or the CPU sees no root.
        int cpu = ThisCpu.Id;
        Interlocked.Or(ref space._loadedCpus, 1L << cpu);
        ulong root = Volatile.Read(ref space.Root);
        if (root == 0)
        {
            Interlocked.And(ref space._loadedCpus, ~(1L << cpu));
            Leave();
            return;
        }
        VmSpace? previous = s_loaded[cpu];
        s_loaded[cpu] = space;
        PageTableRegister.Load(root);
        if (previous is not null)
        {
            Interlocked.And(ref previous._loadedCpus, ~(1L << cpu));
        }
    }

    /// <summary>The space is gone: this CPU goes over to the kernel's tables. With interrupts off.</summary>
    [InterruptSafe]
    internal static void LeaveIfLoaded(VmSpace space)
    {
        if (s_loaded[ThisCpu.Id] == space)
        {
            Leave();
        }
    }

    /// <summary>Leaves the space's tables if a task without a space has merely kept them: it needs no flushes then. With interrupts off.</summary>
    [InterruptSafe]
    internal static bool LeaveIfLazy(VmSpace space)
    {
        if (s_loaded[ThisCpu.Id] != space || Task.Current.VmSpace == space)
        {
            return false;
        }
        Leave();
        return true;
    }

    [InterruptSafe]
    private static void Leave()
    {
        PageTableRegister.Load(KernelSpace.Root);
        if (TaskHosting.IsHosted)
        {
            return;
        }
        int cpu = ThisCpu.Id;
        if (s_loaded[cpu] is VmSpace previous)
        {
            s_loaded[cpu] = null;
            Interlocked.And(ref previous._loadedCpus, ~(1L << cpu));
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
                Frame.FromMapping(PageTableFormat.AddressOf(entry)).Unpin();
            }
            else
            {
                FreeTable(PageTableFormat.AddressOf(entry), level - 1);
            }
        }
        PageTable.Free(table);
    }
}
