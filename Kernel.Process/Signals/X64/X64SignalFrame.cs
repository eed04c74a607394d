// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions.Signals;

namespace Kernel.Process.Signals.X64;

/// <summary>
/// The bytes of <c>struct rt_sigframe</c> on x86-64 (arch/x86 uapi asm/sigcontext.h and asm/ucontext.h): return address, <c>ucontext</c>, <c>siginfo</c>. The floating-point image lies above it and is
/// pointed to.
/// </summary>
internal static class X64SignalFrame
{
    public const int SizeBytes = 440;

    /// <summary>Offset of <c>ucontext</c>: behind the return address.</summary>
    public const int ContextOffset = 8;

    /// <summary>Offset of <c>siginfo</c>.</summary>
    public const int InfoOffset = ContextOffset + 304;

    /// <summary>Bytes below the stack pointer that leaf functions may use without moving it (System V ABI 3.2.2).</summary>
    public const int RedZoneBytes = 128;

    /// <summary>UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS: ss is saved, and restored as it stands.</summary>
    private const ulong ContextFlags = 0x2 | 0x4;

    private const int StackOffset = ContextOffset + 16;
    private const int RegistersOffset = ContextOffset + 40;
    private const int SegmentsOffset = RegistersOffset + 144;
    private const int ErrorCodeOffset = SegmentsOffset + 8;
    private const int TrapNumberOffset = ErrorCodeOffset + 8;
    private const int OldMaskOffset = TrapNumberOffset + 8;
    private const int FaultAddressOffset = OldMaskOffset + 8;
    private const int FloatingPointOffset = FaultAddressOffset + 8;
    private const int MaskOffset = ContextOffset + 296;
    private const ushort UserCodeSegment = 0x33;
    private const ushort UserStackSegment = 0x2b;

    /// <summary>Registers of <c>struct sigcontext</c> in its order, by their index in <c>struct user_regs_struct</c>: r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags.</summary>
    public static ReadOnlySpan<byte> RegisterOrder => [9, 8, 7, 6, 3, 2, 1, 0, 14, 13, 4, 5, 12, 10, 11, 19, 16, 18];

    /// <summary>Where the frame and its floating-point image go, below the given stack pointer.</summary>
    /// <returns>The frame's address: 8 below a multiple of 16, as after a call instruction.</returns>
    public static ulong Place(ulong stackPointer, int floatingPointBytes, out ulong floatingPointAddress)
    {
        floatingPointAddress = (stackPointer - (ulong)floatingPointBytes) & ~63UL;
        return ((floatingPointAddress - SizeBytes) & ~15UL) - 8;
    }

    /// <summary>Fills in a whole frame.</summary>
    /// <param name="registers">In the order of <see cref="RegisterOrder"/>.</param>
    public static void Write(
        Span<byte> frame, ulong returnAddress, ReadOnlySpan<ulong> registers, in X64TrapState trap, ulong floatingPointAddress,
        in AlternateSignalStack stack, SignalSet mask, in SignalInfo info)
    {
        frame[..SizeBytes].Clear();
        Put(frame, 0, returnAddress);
        Put(frame, ContextOffset, ContextFlags);
        Put(frame, StackOffset, stack.Address);
        BinaryPrimitives.WriteInt32LittleEndian(frame[(StackOffset + 8)..], stack.Flags);
        Put(frame, StackOffset + 16, stack.SizeBytes);
        for (var i = 0; i < registers.Length; i++)
            Put(frame, RegistersOffset + i * 8, registers[i]);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[SegmentsOffset..], UserCodeSegment);
        BinaryPrimitives.WriteUInt16LittleEndian(frame[(SegmentsOffset + 6)..], UserStackSegment);
        Put(frame, ErrorCodeOffset, trap.ErrorCode);
        Put(frame, TrapNumberOffset, (ulong)trap.Vector);
        Put(frame, OldMaskOffset, mask.Bits);
        Put(frame, FaultAddressOffset, trap.FaultAddress);
        Put(frame, FloatingPointOffset, floatingPointAddress);
        Put(frame, MaskOffset, mask.Bits);
        SignalInfoLayout.Write(frame[InfoOffset..], info);
    }

    /// <summary>Takes a frame apart.</summary>
    public static void Read(ReadOnlySpan<byte> frame, Span<ulong> registers, out ulong floatingPointAddress, out RestoredFrame restored)
    {
        for (var i = 0; i < registers.Length; i++)
            registers[i] = Get(frame, RegistersOffset + i * 8);
        floatingPointAddress = Get(frame, FloatingPointOffset);
        var stack = new AlternateSignalStack(
            Get(frame, StackOffset), BinaryPrimitives.ReadInt32LittleEndian(frame[(StackOffset + 8)..]), Get(frame, StackOffset + 16));
        restored = new RestoredFrame(new SignalSet(Get(frame, MaskOffset)), stack);
    }

    private static void Put(Span<byte> frame, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(frame[offset..], value);

    private static ulong Get(ReadOnlySpan<byte> frame, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(frame[offset..]);
}

/// <summary>The CPU exception that led to the signal, or zeros.</summary>
internal readonly record struct X64TrapState(ulong ErrorCode, int Vector, ulong FaultAddress);
