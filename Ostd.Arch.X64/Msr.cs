// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Model-specific registers (SDM volume 4). Reading or writing one that does not exist faults.</summary>
internal static class Msr
{
    public const uint ApicBase = 0x1b;
    public const uint TscDeadline = 0x6e0;
    public const uint X2ApicFirst = 0x800;
    public const uint Efer = 0xc000_0080;
    public const uint Star = 0xc000_0081;
    public const uint LongStar = 0xc000_0082;
    public const uint CompatibilityStar = 0xc000_0083;
    public const uint FlagMask = 0xc000_0084;
    public const uint FsBase = 0xc000_0100;
    public const uint GsBase = 0xc000_0101;
    public const uint KernelGsBase = 0xc000_0102;

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadMsr")]
    public static extern ulong Read(uint index);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteMsr")]
    public static extern void Write(uint index, ulong value);
}
