// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions.Signals;
using Kernel.Process.Exits;
using Kernel.Process.Signals;
using Kernel.Process.Signals.LoongArch64;
using Kernel.Process.Signals.X64;
using Xunit;

namespace Kernel.Process.Tests;

public class SignalTests
{
    [Fact]
    public void Pending_StandardSignal_IsQueuedOnce()
    {
        var pending = new PendingSignals();
        Assert.True(pending.Add(SignalInfo.FromKernel(Signal.SIGUSR1)));
        Assert.True(pending.Add(SignalInfo.FromKernel(Signal.SIGUSR1)));
        Assert.Equal(1, pending.QueuedCount);
        Assert.True(pending.TryTake(All, out _));
        Assert.False(pending.TryTake(All, out _));
        Assert.True(pending.Set.IsEmpty);
    }

    [Fact]
    public void Pending_RealTimeSignals_ComeLowestNumberFirstAndInOrder()
    {
        var pending = new PendingSignals();
        pending.Add(new SignalInfo((Signal)35, -1, 0, 0, 1));
        pending.Add(new SignalInfo((Signal)34, -1, 0, 0, 2));
        pending.Add(new SignalInfo((Signal)34, -1, 0, 0, 3));
        pending.Add(new SignalInfo(Signal.SIGTERM, 0, 0, 0, 4));
        Span<ulong> order = stackalloc ulong[4];
        for (var i = 0; i < order.Length; i++)
        {
            Assert.True(pending.TryTake(All, out var info));
            order[i] = info.Value;
        }

        Assert.Equal([4UL, 2UL, 3UL, 1UL], order.ToArray());
    }

    [Fact]
    public void Pending_WhenFull_RefusesQueuedSignalsAndKeepsTheBitOfOthers()
    {
        var pending = new PendingSignals();
        Assert.True(pending.Add(new SignalInfo((Signal)40, -1, 7, 0, 1), limit: 1));
        Assert.False(pending.Add(new SignalInfo((Signal)41, -1, 7, 0, 2), limit: 1));
        Assert.True(pending.Add(new SignalInfo((Signal)42, SignalInfo.CodeUser, 7, 0, 3), limit: 1));
        Assert.True(pending.Add(new SignalInfo(Signal.SIGTERM, SignalInfo.CodeUser, 7, 0, 4), limit: 1));
        Assert.True(pending.TryTake(All & ~SignalSet.Of((Signal)40), out var info));
        Assert.Equal(Signal.SIGTERM, info.Signal);
        Assert.True(pending.TryTake(All & ~SignalSet.Of((Signal)40), out info));
        Assert.Equal(new SignalInfo((Signal)42, SignalInfo.CodeUser, 0, 0, 0), info);
        Assert.False(pending.TryTake(All & ~SignalSet.Of((Signal)40), out _));
    }

    [Fact]
    public void Pending_SynchronousSignal_ComesFirst()
    {
        var pending = new PendingSignals();
        pending.Add(SignalInfo.FromKernel(Signal.SIGHUP));
        pending.Add(SignalInfo.FromKernel(Signal.SIGSEGV));
        Assert.True(pending.TryTake(All, out var info));
        Assert.Equal(Signal.SIGSEGV, info.Signal);
    }

    [Fact]
    public void Pending_Removed_IsForgottenAndOthersStay()
    {
        var pending = new PendingSignals();
        pending.Add(SignalInfo.FromKernel(Signal.SIGTSTP));
        pending.Add(SignalInfo.FromKernel(Signal.SIGUSR1));
        pending.Add(SignalInfo.FromKernel(Signal.SIGTTIN));
        pending.Remove(SignalDispositions.StopSignals);
        Assert.Equal(SignalSet.Of(Signal.SIGUSR1), pending.Set);
        Assert.True(pending.TryTake(All, out var info));
        Assert.Equal(Signal.SIGUSR1, info.Signal);
        Assert.Equal(0, pending.QueuedCount);
        Assert.True(pending.Add(SignalInfo.FromKernel(Signal.SIGTSTP)));
    }

    [Fact]
    public void Dispositions_ForExecute_KeepIgnoredAndDropHandlers()
    {
        var dispositions = new SignalDispositions();
        dispositions.Set(Signal.SIGINT, new SignalAction(SignalAction.Ignore, default, 0, default));
        dispositions.Set(Signal.SIGTERM, new SignalAction(0x401000, default, 0, default));
        var next = dispositions.CloneForExecute();
        Assert.True(next[Signal.SIGINT].IsIgnored);
        Assert.True(next[Signal.SIGTERM].IsDefault);
        Assert.Equal(SignalSet.Of(Signal.SIGINT), next.Ignored);
        Assert.True(next.Caught.IsEmpty);
    }

    // The offsets are those of struct rt_sigframe of x86-64: pretcode 0; uc_flags 8; uc_stack 24; r8 48; rip 176; err 200; cr2 224; fpstate 232; uc_sigmask 304; siginfo 312.
    [Fact]
    public void Frame_OnX64_HasTheLayoutOfTheAbi()
    {
        var frame = new byte[X64SignalFrame.SizeBytes];
        Span<ulong> registers = stackalloc ulong[X64SignalFrame.RegisterOrder.Length];
        for (var i = 0; i < registers.Length; i++)
            registers[i] = 0x1000UL + (ulong)i;
        var stack = new AlternateSignalStack(0xaaaa, 0, 0x4000);
        var info = new SignalInfo(Signal.SIGSEGV, 1, 0, 0, 0xdead0);
        X64SignalFrame.Write(frame, 0x1111, registers, new X64TrapState(6, 14, 0xdead0), 0x2222, stack, new SignalSet(0x55), info);
        Assert.Equal(0x1111UL, Word(frame, 0));
        Assert.Equal(6UL, Word(frame, 8));
        Assert.Equal(0xaaaaUL, Word(frame, 24));
        Assert.Equal(0x4000UL, Word(frame, 40));
        Assert.Equal(0x1000UL, Word(frame, 48));
        Assert.Equal(0x1000UL + 16, Word(frame, 176));
        Assert.Equal(0x1000UL + 17, Word(frame, 184));
        Assert.Equal(0x002b_0000_0000_0033UL, Word(frame, 192));
        Assert.Equal(6UL, Word(frame, 200));
        Assert.Equal(14UL, Word(frame, 208));
        Assert.Equal(0xdead0UL, Word(frame, 224));
        Assert.Equal(0x2222UL, Word(frame, 232));
        Assert.Equal(0x55UL, Word(frame, 304));
        Assert.Equal(11, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(312)));
        Assert.Equal(0xdead0UL, Word(frame, 328));

        Span<ulong> restoredRegisters = stackalloc ulong[registers.Length];
        X64SignalFrame.Read(frame, restoredRegisters, out var floatingPoint, out var restored);
        Assert.Equal(registers.ToArray(), restoredRegisters.ToArray());
        Assert.Equal(0x2222UL, floatingPoint);
        Assert.Equal(new RestoredFrame(new SignalSet(0x55), stack), restored);
    }

    // The offsets are those of struct rt_sigframe of LoongArch: siginfo 0; uc_flags 128; uc_stack 144; uc_sigmask 168; sc_pc 304; sc_regs 312; sc_flags 568; the first sctx_info 576; the last one 864.
    [Fact]
    public void Frame_OnLoongArch64_HasTheLayoutOfTheAbi()
    {
        var frame = new byte[LoongArch64SignalFrame.SizeBytes];
        Span<ulong> registers = stackalloc ulong[LoongArch64SignalFrame.RegisterCount];
        for (var i = 1; i < registers.Length; i++)
            registers[i] = 0x1000UL + (ulong)i;
        var stack = new AlternateSignalStack(0xaaaa, 0, 0x4000);
        var info = new SignalInfo(Signal.SIGSEGV, 1, 0, 0, 0xdead0);
        LoongArch64SignalFrame.Write(frame, 0x120000000, registers, stack, new SignalSet(0x55), info);
        Assert.Equal(880, frame.Length);
        Assert.Equal(11, BinaryPrimitives.ReadInt32LittleEndian(frame));
        Assert.Equal(0xdead0UL, Word(frame, 16));
        Assert.Equal(0xaaaaUL, Word(frame, 144));
        Assert.Equal(0x4000UL, Word(frame, 160));
        Assert.Equal(0x55UL, Word(frame, 168));
        Assert.Equal(0x120000000UL, Word(frame, 304));
        Assert.Equal(0UL, Word(frame, 312));
        Assert.Equal(0x1001UL, Word(frame, 320));
        Assert.Equal(0x101fUL, Word(frame, 560));
        Assert.Equal(1UL, Word(frame, 568));
        Assert.Equal((0x46505501U, 288U), LoongArch64SignalFrame.ReadExtendedHeader(frame.AsSpan(576)));
        Assert.Equal((0U, 0U), LoongArch64SignalFrame.ReadExtendedHeader(frame.AsSpan(864)));

        Span<ulong> restoredRegisters = stackalloc ulong[registers.Length];
        LoongArch64SignalFrame.Read(frame, out var programCounter, restoredRegisters, out var restored);
        Assert.Equal(0x120000000UL, programCounter);
        Assert.Equal(registers.ToArray(), restoredRegisters.ToArray());
        Assert.Equal(new RestoredFrame(new SignalSet(0x55), stack), restored);
    }

    // fcsr: enables in bits 0 to 4, causes in bits 24 to 28. A cause that is not enabled stays, and so do flags and rounding mode.
    [Fact]
    public void FloatingPointContext_OnLoongArch64_HasNoEnabledCause()
    {
        var context = new byte[LoongArch64SignalFrame.FloatingPointBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(context.AsSpan(264), 0x1f1f_0300 | 0x05);
        LoongArch64SignalFrame.ClearEnabledCauses(context);
        Assert.Equal(0x1a1f_0305U, BinaryPrimitives.ReadUInt32LittleEndian(context.AsSpan(264)));
    }

    [Theory]
    [InlineData(0x7ffffffde000UL)]
    [InlineData(0x7ffffffddff1UL)]
    public void Frame_Placed_IsAlignedAsAfterACall(ulong stackPointer)
    {
        var frame = X64SignalFrame.Place(stackPointer, 512, out var floatingPoint);
        Assert.Equal(8UL, frame % 16);
        Assert.Equal(0UL, floatingPoint % 64);
        Assert.True(frame + X64SignalFrame.SizeBytes <= floatingPoint && floatingPoint + 512 <= stackPointer);
    }

    [Fact]
    public void WaitStatus_Encodings_AreThoseOfWaitpid()
    {
        Assert.Equal(0x0700, WaitStatus.Exited(7));
        Assert.Equal(0xff00, WaitStatus.Exited(-1));
        Assert.Equal(0x137f, WaitStatus.Stopped(19));
        Assert.True(WaitStatus.IsExit(0x0700));
        Assert.False(WaitStatus.IsExit(9));
        Assert.Equal(9, WaitStatus.TerminatingSignal(0x89));
    }

    private static SignalSet All => new(ulong.MaxValue);

    private static ulong Word(byte[] bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
}
