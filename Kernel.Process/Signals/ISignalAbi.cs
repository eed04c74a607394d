// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;
using Ostd.Cpus;
using Ostd.User;

namespace Kernel.Process.Signals;

/// <summary>What a handler's frame on the user stack holds, besides the registers.</summary>
internal readonly record struct RestoredFrame(SignalSet Mask, AlternateSignalStack AlternateStack);

/// <summary>How an architecture calls a signal handler and comes back from it.</summary>
internal interface ISignalAbi
{
    /// <summary>Code that calls rt_sigreturn(2), for a page of each process; empty where the C library brings its own (SA_RESTORER).</summary>
    ReadOnlySpan<byte> ReturnCode { get; }

    /// <summary>Pushes a frame with the registers and the mask to return to, and makes the registers call the handler.</summary>
    /// <returns>False when the stack cannot be written; the registers are then unchanged.</returns>
    bool TryPushFrame(UserThread thread, in SignalInfo info, in SignalAction action, SignalSet maskToRestore);

    /// <summary>Takes the registers from the frame that the stack pointer shows.</summary>
    /// <returns>False when there is no whole frame there.</returns>
    bool TryPopFrame(UserThread thread, out RestoredFrame frame);

    /// <summary>Makes the registers call restart_syscall(2).</summary>
    void CallRestartSyscall(UserContext context);
}

/// <summary>Finds the running architecture's ABI.</summary>
internal static class SignalAbi
{
    /// <exception cref="NotSupportedException">The kernel runs on a machine that it has no signal frames for.</exception>
    public static ISignalAbi ForMachine(string machineName) => machineName switch
    {
        "x86_64" => new X64.X64SignalAbi(),
        "riscv64" => new RiscV64.RiscV64SignalAbi(),
        "loongarch64" => new LoongArch64.LoongArch64SignalAbi(),
        _ => throw new NotSupportedException("No signal frame layout for this architecture."),
    };

    public static ISignalAbi ForThisMachine() => ForMachine(Cpu.MachineName);
}
