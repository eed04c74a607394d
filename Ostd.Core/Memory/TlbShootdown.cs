// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>Sends flushes to other CPUs: put in by the code that starts them.</summary>
internal interface ITlbShootdown
{
    /// <summary>Returns when no other CPU holds a translation of the space's user half any more. Called under the space's lock; allocates nothing.</summary>
    void FlushUser(VmSpace space);

    /// <summary>Returns when no other CPU holds a translation of the kernel range any more. Called with interrupts off.</summary>
    void FlushKernel(ulong address, ulong length);
}

/// <summary>The way from a changed page table to the other CPUs' TLBs.</summary>
internal static class TlbShootdown
{
    /// <summary>Null while a single CPU runs: the local flush is all there is then.</summary>
    public static ITlbShootdown? Instance { get; set; }

    /// <summary>Flushes the user half of the space on all other CPUs that may run it.</summary>
    public static void FlushOthers(VmSpace space) => Instance?.FlushUser(space);

    /// <summary>Flushes a range of the kernel's half on all other CPUs.</summary>
    public static void FlushKernelOnOthers(ulong address, ulong length) => Instance?.FlushKernel(address, length);
}
