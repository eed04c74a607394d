// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>Attacks on the registers of a program that runs: they hold the kernel's way back.</summary>
public static class UserContextTests
{
    [KernelTest]
    public static void RegistersInUserMode_OfAnotherTask_AreRefused()
    {
        using var program = new UserProgram(MachineCode.Endless);
        UserContext context = program.Context;
        Task runner = Task.Current;
        var workers = new Workers();
        int refusals = 0;
        bool wasSeenRunning = false;
        workers.Start("thief", () =>
        {
            long end = Clock.MonotonicNs + 5_000_000_000;
            while (!wasSeenRunning && Clock.MonotonicNs < end)
            {
                wasSeenRunning = IsRefused(() => context.InstructionPointer = UserProgram.CodeAddress);
                Task.Yield();
            }

            if (wasSeenRunning)
            {
                refusals += IsRefused(() => UserMode.Execute(context, out _)) ? 1 : 0;
                refusals += IsRefused(context.Reset) ? 1 : 0;
                refusals += IsRefused(() => context.SetRegister(MachineCode.InstructionPointerIndex, 0x8000_0000_0000)) ? 1 : 0;
                refusals += IsRefused(() => context.ThreadPointer = UserProgram.DataAddress) ? 1 : 0;
                refusals += IsRefused(() => context.LoadFloatingPoint(new byte[UserContext.FloatingPointSizeBytes])) ? 1 : 0;
                refusals += IsRefused(context.RestartSyscall) ? 1 : 0;
            }

            runner.Interrupt();
        });
        UserReturnReason reason = program.Run(out _);
        runner.ClearInterrupt();
        workers.Join();
        Check.Equal(UserReturnReason.KernelEvent, reason, "reason");
        Check.That(wasSeenRunning, "the registers are never refused");
        Check.Equal(6, refusals, "refusals");
        Check.Equal(UserProgram.CodeAddress, context.InstructionPointer, "where the program stands");
        context.InstructionPointer = UserProgram.CodeAddress; // free again
    }

    private static bool IsRefused(Action attempt)
    {
        try
        {
            attempt();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
