// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>Sends flushes to other CPUs: put in by the code that starts them. A class and not an interface, because it is called where an interface's first call must not be.</summary>
internal abstract class TlbShootdownMechanism
{
    /// <summary>Returns when no other CPU holds one of these translations of the space any more. Called under the space's lock; allocates nothing.</summary>
    /// <param name="space">The space.</param>
    /// <param name="pages">Addresses of the pages.</param>
    /// <param name="pageCount">How many there are; more than the array holds stands for all of the user half.</param>
    public abstract void FlushUser(VmSpace space, ulong[] pages, int pageCount);

    /// <summary>Returns when no other CPU uses the space's tables any more: its root is gone. Called under the space's lock.</summary>
    public abstract void Detach(VmSpace space);

    /// <summary>Returns when no other CPU holds a translation of the kernel range any more. Called with interrupts off.</summary>
    [InterruptSafe]
    public abstract void FlushKernel(ulong address, ulong length);
}

/// <summary>The way from a changed page table to the other CPUs' TLBs.</summary>
internal static class TlbShootdown
{
    /// <summary>Null while a single CPU runs: the local flush is all there is then.</summary>
    public static TlbShootdownMechanism? Instance { get; set; }

    /// <summary>Flushes pages of the space on all other CPUs that may run it.</summary>
    public static void FlushOthers(VmSpace space, ulong[] pages, int pageCount) => Instance?.FlushUser(space, pages, pageCount);

    /// <summary>Makes all other CPUs leave the space's tables.</summary>
    public static void DetachOthers(VmSpace space) => Instance?.Detach(space);

    /// <summary>Flushes a range of the kernel's half on all other CPUs.</summary>
    [InterruptSafe]
    public static void FlushKernelOnOthers(ulong address, ulong length) => Instance?.FlushKernel(address, length);
}
