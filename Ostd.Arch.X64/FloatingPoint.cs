// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>FXSAVE's image of the FP and SSE state (SDM volume 1, section 10.5).</summary>
// SAFETY: callers pass ImageSize bytes, aligned to 16, that they own.
internal static unsafe class FloatingPoint
{
    public const int ImageSize = 512;

    /// <summary>All exceptions masked, round to nearest.</summary>
    public const uint DefaultMxcsr = 0x1f80;

    /// <summary>MXCSR bits that exist: loading another one faults.</summary>
    public const uint MxcsrMask = 0xffff;

    public const ushort DefaultControlWord = 0x037f;

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSaveX87")]
    public static extern void Save(byte* image);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchLoadX87")]
    public static extern void Load(byte* image);
}
