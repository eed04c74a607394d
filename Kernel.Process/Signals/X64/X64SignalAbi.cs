// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;
using Ostd.Memory;
using Ostd.User;

namespace Kernel.Process.Signals.X64;

/// <summary>Signal frames on x86-64 (man 2 sigreturn; the layout is Linux's, so that unwinders and debuggers know it).</summary>
internal sealed class X64SignalAbi : ISignalAbi
{
    private const int Rax = 10;
    private const int Rdx = 12;
    private const int Rsi = 13;
    private const int Rdi = 14;
    private const int Rflags = 18;
    private const ulong RestartSyscallNumber = 219;

    /// <summary>TF, DF and RF are clear when a handler starts.</summary>
    private const ulong ClearedFlags = 0x100 | 0x400 | 0x10000;

    public ReadOnlySpan<byte> ReturnCode => [];

    public bool TryPushFrame(UserThread thread, in SignalInfo info, in SignalAction action, SignalSet maskToRestore)
    {
        // Without SA_RESTORER there is nowhere to return to: x86-64 has no trampoline in the kernel.
        if (!action.Has(SignalActionFlags.SA_RESTORER))
            return false;

        var context = thread.Context;
        var signals = thread.SignalState;
        var stack = signals.AlternateStack;
        var stackPointer = context.StackPointer - X64SignalFrame.RedZoneBytes;
        var isNested = signals.IsOnAlternateStack;
        var isEntering = action.Has(SignalActionFlags.SA_ONSTACK) && stack.IsEnabled && !isNested;
        if (isEntering)
            stackPointer = stack.Address + stack.SizeBytes;

        var floatingPointBytes = UserContext.FloatingPointSizeBytes;
        var frameAddress = X64SignalFrame.Place(stackPointer, floatingPointBytes, out var floatingPointAddress);
        if ((isEntering || isNested) && !stack.Contains(frameAddress))
            return false;

        Span<byte> floatingPoint = stackalloc byte[floatingPointBytes];
        context.SaveFloatingPoint(floatingPoint);
        var writer = VmWriter.FromUser(floatingPointAddress, floatingPointBytes);
        if (writer.Write(floatingPoint) != floatingPointBytes)
            return false;

        Span<ulong> registers = stackalloc ulong[X64SignalFrame.RegisterOrder.Length];
        for (var i = 0; i < registers.Length; i++)
            registers[i] = context.GetRegister(X64SignalFrame.RegisterOrder[i]);
        Span<byte> frame = stackalloc byte[X64SignalFrame.SizeBytes];
        var exception = thread.LastException;
        var trap = new X64TrapState(exception.ErrorCode, exception.Vector, exception.Address);
        X64SignalFrame.Write(frame, action.Restorer, registers, trap, floatingPointAddress, stack, maskToRestore, info);
        writer = VmWriter.FromUser(frameAddress, frame.Length);
        if (writer.Write(frame) != frame.Length)
            return false;

        context.SetRegister(Rdi, (ulong)info.Signal);
        context.SetRegister(Rsi, frameAddress + X64SignalFrame.InfoOffset);
        context.SetRegister(Rdx, frameAddress + X64SignalFrame.ContextOffset);
        context.SetRegister(Rax, 0);
        context.SetRegister(Rflags, context.GetRegister(Rflags) & ~ClearedFlags);
        context.InstructionPointer = action.Handler;
        context.StackPointer = frameAddress;
        return true;
    }

    public bool TryPopFrame(UserThread thread, out RestoredFrame restored)
    {
        restored = default;
        var context = thread.Context;

        // The handler's return has taken the return address off the stack.
        var reader = VmReader.FromUser(context.StackPointer - 8, X64SignalFrame.SizeBytes);
        Span<byte> frame = stackalloc byte[X64SignalFrame.SizeBytes];
        if (reader.Read(frame) != frame.Length)
            return false;

        Span<ulong> registers = stackalloc ulong[X64SignalFrame.RegisterOrder.Length];
        X64SignalFrame.Read(frame, registers, out var floatingPointAddress, out restored);
        Span<byte> floatingPoint = stackalloc byte[UserContext.FloatingPointSizeBytes];
        if (floatingPointAddress == 0)
        {
            WriteInitialFloatingPoint(floatingPoint);
        }
        else
        {
            reader = VmReader.FromUser(floatingPointAddress, floatingPoint.Length);
            if (reader.Read(floatingPoint) != floatingPoint.Length)
                return false;
        }

        context.LoadFloatingPoint(floatingPoint);
        for (var i = 0; i < registers.Length; i++)
            context.SetRegister(X64SignalFrame.RegisterOrder[i], registers[i]);
        return true;
    }

    public void CallRestartSyscall(UserContext context)
    {
        context.RestartSyscall();
        context.SetRegister(Rax, RestartSyscallNumber);
    }

    /// <summary>The state after FNINIT with the default MXCSR (Intel SDM volume 1, 10.5.1.1 and 11.6.4).</summary>
    private static void WriteInitialFloatingPoint(Span<byte> image)
    {
        image.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(image, 0x37f);
        BinaryPrimitives.WriteUInt32LittleEndian(image[24..], 0x1f80);
    }
}
