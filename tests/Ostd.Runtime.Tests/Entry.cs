// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;
using Ostd.Arch;

namespace Ostd.Runtime.Tests;

/// <summary>The image's entry and what the stubs call: a kernel of nothing but the runtime.</summary>
internal static unsafe class Entry
{
    private const int PageFaultVector = 14;
    private const int DivideErrorVector = 0;

    // Registers that TrapFrame does not name, by their places in the frame.
    [StructLayout(LayoutKind.Explicit)]
    private struct ArgumentRegisters
    {
        [FieldOffset(104)]
        internal ulong Rsi;
        [FieldOffset(112)]
        internal ulong Rdi;
    }

    [RuntimeExport("KernelEntry")]
    private static void KernelEntry(ulong bootInfoPhysical, uint protocol)
    {
        RuntimeHost.Initialize();
        DescriptorTables.InitializeBootCpu();
        TestPages.Install();
        int failures = TestList.RunAll("plain");

        failures += TestList.RunBarriers("plain");
        failures += TestList.RunWalks("plain");

        GarbageCollector.IsVerifying = true;
        failures += TestList.RunBarriers("verified");
        GarbageCollector.StressInterval = 13;
        failures += TestList.RunAll("stress");
        GarbageCollector.StressInterval = 0;
        GarbageCollector.IsVerifying = false;

        RuntimePanic.Write(failures == 0 ? "runtime tests: all passed\n" : "runtime tests: FAILED\n");
        Measurements.Print();
        PowerControl.Off(failures == 0 ? 0x10 : 0x11);
    }

    [RuntimeExport("KernelTrap")]
    private static void KernelTrap(TrapFrame* frame)
    {
        if (SingleStep.OnTrap(frame))
        {
            return;
        }

        ArgumentRegisters* arguments = (ArgumentRegisters*)frame;
        ulong address = TrapFrame.ReadFaultAddress();
        bool isNull = frame->Vector == PageFaultVector && address < HardwareFaults.NullLimit;
        if (isNull || frame->Vector == DivideErrorVector)
        {
            HardwareFault fault = isNull ? HardwareFault.NullReference : DivideInstruction.IsOverflow(frame) ? HardwareFault.IntegerOverflow : HardwareFault.DivideByZero;
            if (HardwareFaults.TryRaise(fault, ref frame->InstructionPointer, ref frame->StackPointer, ref arguments->Rdi, ref arguments->Rsi, frame->LinkRegister))
            {
                return;
            }
        }

        RuntimePanic.Write("trap ");
        RuntimePanic.WriteHex(frame->Vector);
        RuntimePanic.Write(" at ");
        RuntimePanic.WriteHex(frame->InstructionPointer);
        RuntimePanic.Write(" address ");
        RuntimePanic.WriteHex(address);
        nint* trace = stackalloc nint[32];
        int count = StackWalker.CaptureFromRegisters((nuint)frame->InstructionPointer, (nuint)frame->StackPointer, (nuint)frame->FramePointer, (nuint)frame->LinkRegister, trace, 32);
        for (int i = 0; i < count; i++)
        {
            RuntimePanic.Write("\n  ");
            RuntimePanic.WriteHex((ulong)trace[i]);
        }

        RuntimePanic.Write("\n");
        PowerControl.Off(0x12);
    }

    // No tasks here.
    [RuntimeExport("CpuEntry")]
    private static void CpuEntry() => RuntimePanic.Fail("a CPU was started");

    [RuntimeExport("TaskEntry")]
    private static void TaskEntry() => RuntimePanic.Fail("a task was started");
}
