// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;
using Ostd.Memory;
using Ostd.User;

namespace Kernel.Process.Signals.LoongArch64;

/// <summary>Signal frames on LoongArch (man 2 sigreturn; the layout is Linux's, so that unwinders and debuggers know it).</summary>
internal sealed class LoongArch64SignalAbi : ISignalAbi
{
    private const int Ra = 1;
    private const int A0 = 4;
    private const int A1 = 5;
    private const int A2 = 6;
    private const int A7 = 11;
    private const ulong RestartSyscallNumber = 128;

    // There is one kind of extended context here, so a program has no use for more than a few; each costs two copies.
    private const int MaximumExtendedContexts = 8;

    /// <summary>ori $a7, $zero, 139 (rt_sigreturn); syscall 0. The architecture has no SA_RESTORER; unwinders know a signal frame by these instructions.</summary>
    public ReadOnlySpan<byte> ReturnCode => [0x0b, 0x2c, 0x82, 0x03, 0x00, 0x00, 0x2b, 0x00];

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

        var frameAddress = (stackPointer - LoongArch64SignalFrame.SizeBytes) & ~15UL;
        if ((isEntering || isNested) && !stack.Contains(frameAddress))
            return false;

        Span<ulong> registers = stackalloc ulong[LoongArch64SignalFrame.RegisterCount];
        for (var i = 1; i < registers.Length; i++)
            registers[i] = context.GetRegister(i);
        Span<byte> frame = stackalloc byte[LoongArch64SignalFrame.SizeBytes];
        LoongArch64SignalFrame.Write(frame, context.InstructionPointer, registers, stack, maskToRestore, info);
        context.SaveFloatingPoint(frame.Slice(LoongArch64SignalFrame.FloatingPointOffset, LoongArch64SignalFrame.FloatingPointBytes));
        var writer = VmWriter.FromUser(frameAddress, frame.Length);
        if (writer.Write(frame) != frame.Length)
            return false;

        context.SetRegister(A0, (ulong)info.Signal);
        context.SetRegister(A1, frameAddress + LoongArch64SignalFrame.InfoOffset);
        context.SetRegister(A2, frameAddress + LoongArch64SignalFrame.ContextOffset);
        context.SetRegister(Ra, SignalReturn.Address);
        context.InstructionPointer = action.Handler;
        context.StackPointer = frameAddress;
        return true;
    }

    public bool TryPopFrame(UserThread thread, out RestoredFrame restored)
    {
        restored = default;
        var context = thread.Context;
        var frameAddress = context.StackPointer;
        Span<byte> frame = stackalloc byte[LoongArch64SignalFrame.ExtendedContextOffset];
        Span<byte> floatingPoint = stackalloc byte[LoongArch64SignalFrame.FloatingPointBytes];
        if (!TryRead(frameAddress, frame) || !TryFindFloatingPoint(frameAddress + LoongArch64SignalFrame.ExtendedContextOffset, floatingPoint, out var hasFloatingPoint))
            return false;

        Span<ulong> registers = stackalloc ulong[LoongArch64SignalFrame.RegisterCount];
        LoongArch64SignalFrame.Read(frame, out var programCounter, registers, out restored);
        if (hasFloatingPoint)
        {
            LoongArch64SignalFrame.ClearEnabledCauses(floatingPoint);
            context.LoadFloatingPoint(floatingPoint);
        }

        for (var i = 1; i < registers.Length; i++)
            context.SetRegister(i, registers[i]);
        context.InstructionPointer = programCounter;
        return true;
    }

    public void CallRestartSyscall(UserContext context)
    {
        context.RestartSyscall();
        context.SetRegister(A7, RestartSyscallNumber);
    }

    /// <summary>Goes through the extended contexts, which the handler may have written anew.</summary>
    /// <returns>False when one cannot be read, or is of a kind that the kernel does not write.</returns>
    private static bool TryFindFloatingPoint(ulong address, Span<byte> floatingPoint, out bool isFound)
    {
        isFound = false;
        Span<byte> header = stackalloc byte[LoongArch64SignalFrame.ExtendedHeaderBytes];
        for (var i = 0; i < MaximumExtendedContexts; i++)
        {
            if (!TryRead(address, header))
                return false;
            var (magic, sizeBytes) = LoongArch64SignalFrame.ReadExtendedHeader(header);
            if (magic == LoongArch64SignalFrame.EndMagic)
                return true;
            if (magic != LoongArch64SignalFrame.FloatingPointMagic || sizeBytes < LoongArch64SignalFrame.ExtendedHeaderBytes + LoongArch64SignalFrame.FloatingPointBytes)
                return false;
            if (!TryRead(address + LoongArch64SignalFrame.ExtendedHeaderBytes, floatingPoint))
                return false;
            isFound = true;
            address += sizeBytes;
        }

        return false;
    }

    private static bool TryRead(ulong address, Span<byte> destination)
    {
        var reader = VmReader.FromUser(address, destination.Length);
        return reader.Read(destination) == destination.Length;
    }
}
