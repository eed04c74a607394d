// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions.Signals;

namespace Kernel.Process.Signals.LoongArch64;

/// <summary>
/// The bytes of <c>struct rt_sigframe</c> on LoongArch (uapi asm/sigcontext.h and asm/ucontext.h): <c>siginfo</c>, then <c>ucontext</c>, which ends with pc, r0 to r31 and flags. Behind it stand extended
/// contexts, each with a header of magic number and size, up to one with neither: of these there is the floating-point context here, and none of the vector extensions.
/// </summary>
internal static class LoongArch64SignalFrame
{
    /// <summary>Offset of <c>siginfo</c>.</summary>
    public const int InfoOffset = 0;

    /// <summary>Offset of <c>ucontext</c>.</summary>
    public const int ContextOffset = SignalInfoLayout.SizeBytes;

    /// <summary>r0, which is always zero, to r31.</summary>
    public const int RegisterCount = 32;

    /// <summary>Offset of the first extended context's header, a multiple of 16.</summary>
    public const int ExtendedContextOffset = FlagsOffset + 8;

    /// <summary>Size of the header of an extended context: magic, size with the header, eight bytes of nothing.</summary>
    public const int ExtendedHeaderBytes = 16;

    /// <summary>Size of <c>struct fpu_context</c>: f0 to f31, the eight condition flags in a byte each, fcsr.</summary>
    public const int FloatingPointBytes = 272;

    /// <summary>Offset of the floating-point context of a frame that the kernel made.</summary>
    public const int FloatingPointOffset = ExtendedContextOffset + ExtendedHeaderBytes;

    /// <summary>Size of a frame that the kernel makes, a multiple of 16.</summary>
    public const int SizeBytes = FloatingPointOffset + FloatingPointBytes + ExtendedHeaderBytes;

    /// <summary>Marks the last extended context.</summary>
    public const uint EndMagic = 0;

    /// <summary>Marks a floating-point context.</summary>
    public const uint FloatingPointMagic = 0x46505501;

    private const int StackOffset = ContextOffset + 16;
    private const int MaskOffset = ContextOffset + 40;

    // The mask has room for 1024 signals; struct sigcontext is aligned to 16.
    private const int ProgramCounterOffset = ContextOffset + 176;
    private const int RegistersOffset = ProgramCounterOffset + 8;
    private const int FlagsOffset = RegistersOffset + RegisterCount * 8;
    private const int SC_USED_FP = 1;

    private const int FloatControlOffset = 264;
    private const int EnabledToCauseShift = 24;
    private const uint ExceptionEnables = 0x1f;

    /// <summary>Fills in a whole frame but for the floating-point registers.</summary>
    public static void Write(Span<byte> frame, ulong programCounter, ReadOnlySpan<ulong> registers, in AlternateSignalStack stack, SignalSet mask, in SignalInfo info)
    {
        frame[..SizeBytes].Clear();
        SignalInfoLayout.Write(frame[InfoOffset..], info);
        Put(frame, StackOffset, stack.Address);
        BinaryPrimitives.WriteInt32LittleEndian(frame[(StackOffset + 8)..], stack.Flags);
        Put(frame, StackOffset + 16, stack.SizeBytes);
        Put(frame, MaskOffset, mask.Bits);
        Put(frame, ProgramCounterOffset, programCounter);
        for (var i = 1; i < RegisterCount; i++)
            Put(frame, RegistersOffset + i * 8, registers[i]);
        BinaryPrimitives.WriteInt32LittleEndian(frame[FlagsOffset..], SC_USED_FP);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ExtendedContextOffset..], FloatingPointMagic);
        BinaryPrimitives.WriteInt32LittleEndian(frame[(ExtendedContextOffset + 4)..], ExtendedHeaderBytes + FloatingPointBytes);
    }

    /// <summary>Takes a frame apart, up to the extended contexts.</summary>
    public static void Read(ReadOnlySpan<byte> frame, out ulong programCounter, Span<ulong> registers, out RestoredFrame restored)
    {
        programCounter = Get(frame, ProgramCounterOffset);
        for (var i = 0; i < RegisterCount; i++)
            registers[i] = Get(frame, RegistersOffset + i * 8);
        var stack = new AlternateSignalStack(
            Get(frame, StackOffset), BinaryPrimitives.ReadInt32LittleEndian(frame[(StackOffset + 8)..]), Get(frame, StackOffset + 16));
        restored = new RestoredFrame(new SignalSet(Get(frame, MaskOffset)), stack);
    }

    /// <summary>Takes the header of an extended context apart.</summary>
    public static (uint Magic, uint SizeBytes) ReadExtendedHeader(ReadOnlySpan<byte> header) =>
        (BinaryPrimitives.ReadUInt32LittleEndian(header), BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));

    /// <summary>
    /// Clears the causes of enabled exceptions in a floating-point context: writing such a value to fcsr raises the exception (LoongArch Reference Manual volume 1, 3.1.3), which the kernel would do itself when it loads it.
    /// </summary>
    public static void ClearEnabledCauses(Span<byte> floatingPoint)
    {
        var control = BinaryPrimitives.ReadUInt32LittleEndian(floatingPoint[FloatControlOffset..]);
        BinaryPrimitives.WriteUInt32LittleEndian(floatingPoint[FloatControlOffset..], control & ~((control & ExceptionEnables) << EnabledToCauseShift));
    }

    private static void Put(Span<byte> frame, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(frame[offset..], value);

    private static ulong Get(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(frame[offset..]);
}
