// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;
using Ostd.Memory;
using Ostd.User;

namespace Kernel.Process.Signals.RiscV64;

/// <summary>Signal frames on 64-bit RISC-V (man 2 sigreturn; the layout is Linux's, so that unwinders and debuggers know it).</summary>
internal sealed class RiscV64SignalAbi : ISignalAbi
{
    private const int Ra = 1;
    private const int A0 = 10;
    private const int A1 = 11;
    private const int A2 = 12;
    private const int A7 = 17;
    private const ulong RestartSyscallNumber = 128;

    /// <summary>li a7, 139 (rt_sigreturn); ecall. The C library has no restorer of its own on this architecture.</summary>
    public ReadOnlySpan<byte> ReturnCode => [0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00];

    public bool TryPushFrame(UserThread thread, in SignalInfo info, in SignalAction action, SignalSet maskToRestore)
    {
        var context = thread.Context;
        var signals = thread.SignalState;
        var stack = signals.AlternateStack;
        var stackPointer = context.StackPointer;
        var isNested = signals.IsOnAlternateStack;
        var isEntering = action.Has(SignalActionFlags.SA_ONSTACK) && stack.IsEnabled && !isNested;
        if (isEntering)
            stackPointer = stack.Address + stack.SizeBytes;

        var frameAddress = (stackPointer - RiscV64SignalFrame.SizeBytes) & ~15UL;
        if ((isEntering || isNested) && !stack.Contains(frameAddress))
            return false;

        Span<ulong> registers = stackalloc ulong[RiscV64SignalFrame.RegisterCount];
        for (var i = 0; i < registers.Length; i++)
            registers[i] = context.GetRegister(i);
        Span<byte> frame = stackalloc byte[RiscV64SignalFrame.SizeBytes];
        RiscV64SignalFrame.Write(frame, registers, stack, maskToRestore, info);
        context.SaveFloatingPoint(frame[RiscV64SignalFrame.FloatingPointOffset..]);
        var writer = VmWriter.FromUser(frameAddress, frame.Length);
        if (writer.Write(frame) != frame.Length)
            return false;

        context.SetRegister(A0, (ulong)info.Signal);
        context.SetRegister(A1, frameAddress + RiscV64SignalFrame.InfoOffset);
        context.SetRegister(A2, frameAddress + RiscV64SignalFrame.ContextOffset);
        context.SetRegister(Ra, SignalReturn.Address);
        context.InstructionPointer = action.Handler;
        context.StackPointer = frameAddress;
        return true;
    }

    public bool TryPopFrame(UserThread thread, out RestoredFrame restored)
    {
        restored = default;
        var context = thread.Context;
        var reader = VmReader.FromUser(context.StackPointer, RiscV64SignalFrame.SizeBytes);
        Span<byte> frame = stackalloc byte[RiscV64SignalFrame.SizeBytes];
        if (reader.Read(frame) != frame.Length)
            return false;

        Span<ulong> registers = stackalloc ulong[RiscV64SignalFrame.RegisterCount];
        RiscV64SignalFrame.Read(frame, registers, out restored);
        context.LoadFloatingPoint(frame[RiscV64SignalFrame.FloatingPointOffset..]);
        for (var i = 0; i < registers.Length; i++)
            context.SetRegister(i, registers[i]);
        return true;
    }

    public void CallRestartSyscall(UserContext context)
    {
        context.RestartSyscall();
        context.SetRegister(A7, RestartSyscallNumber);
    }
}
