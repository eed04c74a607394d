// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted kernel has no image.</summary>
public static class KernelImage
{
    /// <summary>Start of compiled code.</summary>
    public static ulong ManagedCodeStart => 0;

    /// <summary>End of compiled code.</summary>
    public static ulong ManagedCodeEnd => 0;
}
