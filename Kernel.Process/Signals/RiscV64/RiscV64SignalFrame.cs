// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions.Signals;

namespace Kernel.Process.Signals.RiscV64;

/// <summary>
/// The bytes of <c>struct rt_sigframe</c> on RISC-V (uapi asm/sigcontext.h and asm/ucontext.h): <c>siginfo</c>, then <c>ucontext</c>, which ends with pc, x1 to x31 and the floating-point registers.
/// </summary>
internal static class RiscV64SignalFrame
{
    /// <summary>Offset of <c>siginfo</c>.</summary>
    public const int InfoOffset = 0;

    /// <summary>Offset of <c>ucontext</c>.</summary>
    public const int ContextOffset = SignalInfoLayout.SizeBytes;

    /// <summary>pc and x1 to x31.</summary>
    public const int RegisterCount = 32;

    /// <summary>Offset of <c>sc_fpregs</c>: f0 to f31 and fcsr, in the room of the quad-precision state.</summary>
    public const int FloatingPointOffset = RegistersOffset + RegisterCount * 8;

    /// <summary>Size of the frame, a multiple of 16.</summary>
    public const int SizeBytes = FloatingPointOffset + 528;

    private const int StackOffset = ContextOffset + 16;
    private const int MaskOffset = ContextOffset + 40;

    // The mask has room for 1024 signals; what follows is aligned to 16.
    private const int RegistersOffset = ContextOffset + 176;

    /// <summary>Fills in a whole frame but for the floating-point registers.</summary>
    public static void Write(Span<byte> frame, ReadOnlySpan<ulong> registers, in AlternateSignalStack stack, SignalSet mask, in SignalInfo info)
    {
        frame[..SizeBytes].Clear();
        SignalInfoLayout.Write(frame[InfoOffset..], info);
        Put(frame, StackOffset, stack.Address);
        BinaryPrimitives.WriteInt32LittleEndian(frame[(StackOffset + 8)..], stack.Flags);
        Put(frame, StackOffset + 16, stack.SizeBytes);
        Put(frame, MaskOffset, mask.Bits);
        for (var i = 0; i < registers.Length; i++)
            Put(frame, RegistersOffset + i * 8, registers[i]);
    }

    /// <summary>Takes a frame apart, but for the floating-point registers.</summary>
    public static void Read(ReadOnlySpan<byte> frame, Span<ulong> registers, out RestoredFrame restored)
    {
        for (var i = 0; i < registers.Length; i++)
            registers[i] = Get(frame, RegistersOffset + i * 8);
        var stack = new AlternateSignalStack(
            Get(frame, StackOffset), BinaryPrimitives.ReadInt32LittleEndian(frame[(StackOffset + 8)..]), Get(frame, StackOffset + 16));
        restored = new RestoredFrame(new SignalSet(Get(frame, MaskOffset)), stack);
    }

    private static void Put(Span<byte> frame, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(frame[offset..], value);

    private static ulong Get(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(frame[offset..]);
}
