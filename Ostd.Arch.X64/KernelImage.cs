// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Where the parts of the running kernel lie in virtual memory.</summary>
public static class KernelImage
{
    /// <summary>First byte of compiled C#.</summary>
    public static ulong ManagedCodeStart => ManagedCodeStartCore();

    /// <summary>First byte past compiled C#.</summary>
    public static ulong ManagedCodeEnd => ManagedCodeEndCore();

    /// <summary>First byte of executable code.</summary>
    public static ulong TextStart => TextStartCore();

    /// <summary>First byte past executable code, page-aligned.</summary>
    public static ulong TextEnd => TextEndCore();

    /// <summary>First byte of read-only data.</summary>
    public static ulong RodataStart => RodataStartCore();

    /// <summary>First byte past read-only data, page-aligned.</summary>
    public static ulong RodataEnd => RodataEndCore();

    /// <summary>First byte of writable data.</summary>
    public static ulong DataStart => DataStartCore();

    /// <summary>First byte past zero-initialised data, page-aligned.</summary>
    public static ulong BssEnd => BssEndCore();

    /// <summary>First byte past the image: the table of symbols lies between the zero-initialised data and here.</summary>
    public static ulong ImageEnd => ImageEndCore();

    /// <summary>The page below the stack that the kernel booted on.</summary>
    [InterruptSafe]
    public static ulong BootStackGuard => BootStackGuardCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchManagedCodeStart")]
    private static extern ulong ManagedCodeStartCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchManagedCodeEnd")]
    private static extern ulong ManagedCodeEndCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTextStart")]
    private static extern ulong TextStartCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTextEnd")]
    private static extern ulong TextEndCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchRodataStart")]
    private static extern ulong RodataStartCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchRodataEnd")]
    private static extern ulong RodataEndCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDataStart")]
    private static extern ulong DataStartCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchBssEnd")]
    private static extern ulong BssEndCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchImageEnd")]
    private static extern ulong ImageEndCore();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchBootStackGuard")]
    private static extern ulong BootStackGuardCore();
}
