// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;
using Ostd.Devices.Pci;
using Ostd.Memory;
using Ostd.Sync;

namespace Ostd.Devices.Remapping;

/// <summary>Which PCI functions reach memory at all: those whose owner has allowed it (<see cref="PciFunction.SetBusMaster"/>). Of all others each access is a fault.</summary>
// SAFETY: tables are frames of a type of their own and never freed; a bus and a function are bytes, which index within them. Entries change under the lock alone.
internal sealed unsafe class FunctionTables
{
    private readonly ulong[] _contexts = new ulong[256];
    private readonly DmaSpace _space;
    private RawSpinLock _lock;

    private FunctionTables(DmaSpace space, ulong root)
    {
        _space = space;
        Root = root;
    }

    /// <summary>Physical address of the table of buses.</summary>
    public ulong Root { get; }

    /// <summary>Makes an empty table.</summary>
    /// <returns>Null when there is no memory.</returns>
    public static FunctionTables? TryCreate(DmaSpace space)
    {
        ulong root = DmaSpace.AllocateTable();
        return root == 0 ? null : new FunctionTables(space, root);
    }

    /// <summary>Makes sure that a bus has a table, so that <see cref="Allow"/> cannot fail.</summary>
    /// <returns>False when there is no memory.</returns>
    public bool TryPrepare(byte bus)
    {
        if (Volatile.Read(ref _contexts[bus]) != 0)
        {
            return true;
        }

        ulong candidate = DmaSpace.AllocateTable();
        if (candidate == 0)
        {
            return false;
        }

        bool wereEnabled = _lock.Enter();
        bool isFirst = _contexts[bus] == 0;
        if (isFirst)
        {
            RemappingFormat.SetBus((ulong*)PhysicalMap.ToPointer(Root), bus, candidate);
            DmaRemapping.Flush(PhysicalMap.ToPointer(Root), Paging.PageSizeBytes);
            Volatile.Write(ref _contexts[bus], candidate);
        }

        _lock.Exit(wereEnabled);
        if (!isFirst)
        {
            FrameAllocator.FreePage((uint)(candidate >> PageTableFormat.PageShift));
        }

        return true;
    }

    /// <summary>Lets a function of a prepared bus reach what is lent to devices.</summary>
    public void Allow(PciAddress function)
    {
        bool wereEnabled = _lock.Enter();
        byte* context = PhysicalMap.ToPointer(_contexts[function.Bus]);
        RemappingFormat.SetFunction((ulong*)context, function.DeviceFunction, _space.Root, DmaRemapping.Levels, DmaSpace.Domain);
        DmaRemapping.Flush(context, Paging.PageSizeBytes);
        if (DmaRemapping.CachesAbsence)
        {
            RemappingUnits.InvalidateFunctions(DmaSpace.Domain);
        }

        _lock.Exit(wereEnabled);
    }

    /// <summary>Takes all memory from a function. When it returns, none of its accesses is under way.</summary>
    public void Forbid(PciAddress function)
    {
        bool wereEnabled = _lock.Enter();
        if (_contexts[function.Bus] != 0)
        {
            RemappingFormat.ClearFunction((ulong*)PhysicalMap.ToPointer(_contexts[function.Bus]), function.DeviceFunction);
            DmaRemapping.Flush(PhysicalMap.ToPointer(_contexts[function.Bus]), Paging.PageSizeBytes);
            RemappingUnits.InvalidateFunctions(DmaSpace.Domain);
        }

        _lock.Exit(wereEnabled);
    }
}
