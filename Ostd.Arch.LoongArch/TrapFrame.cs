// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics.CodeAnalysis;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Registers of the interrupted code, in the order of <see cref="TrapLayout"/>. Changes take effect when the trap returns, but for tp: the task may go on on another CPU.</summary>
[StructLayout(LayoutKind.Explicit, Size = TrapLayout.FrameSize)]
public unsafe struct TrapFrame
{
    /// <summary>Address of the interrupted instruction.</summary>
    [FieldOffset(TrapLayout.ProgramCounter)]
    public ulong InstructionPointer;

    /// <summary>Stack pointer of the interrupted code.</summary>
    [FieldOffset(TrapLayout.StackPointer)]
    public ulong StackPointer;

    /// <summary>fp, by which frames are found that change in size.</summary>
    [FieldOffset(TrapLayout.FramePointer)]
    public ulong FramePointer;

    /// <summary>PRMD.</summary>
    [FieldOffset(TrapLayout.Status)]
    public ulong Flags;

    /// <summary>What happened, by a number of <see cref="InterruptVectors"/>.</summary>
    [FieldOffset(TrapLayout.Cause)]
    public ulong Vector;

    /// <summary>BADV.</summary>
    [FieldOffset(TrapLayout.Value)]
    public ulong ErrorCode;

    [FieldOffset(0)]
    private ulong _firstRegister;

    [FieldOffset(TrapLayout.ReturnAddress)]
    private ulong _returnAddress;

    [FieldOffset(TrapLayout.A0)]
    private ulong _a0;

    [FieldOffset(TrapLayout.A1)]
    private ulong _a1;

    /// <summary>The register of a first argument: a0.</summary>
    [UnscopedRef]
    [InterruptSafe]
    public ref ulong Argument0 => ref _a0;

    /// <summary>The register of a second argument: a1.</summary>
    [UnscopedRef]
    [InterruptSafe]
    public ref ulong Argument1 => ref _a1;

    /// <summary>The register in which a call leaves its return address: ra.</summary>
    [InterruptSafe]
    public readonly ulong LinkRegister => _returnAddress;

    /// <summary>Interrupts were on.</summary>
    [InterruptSafe]
    public readonly bool InterruptsWereEnabled => (Flags & InterruptVectors.PreviousEnable) != 0;

    /// <summary>Number of a device interrupt. Asks the controller for it, once for each interrupt.</summary>
    [InterruptSafe]
    public readonly int InterruptNumber => Kind == TrapKind.DeviceInterrupt ? PlatformInterrupts.Claim() : 0;

    /// <summary>What happened.</summary>
    [InterruptSafe]
    public readonly TrapKind Kind => InterruptVectors.Classify(Vector);

    /// <summary>Address that a page fault was about. To be read before interrupts are on again.</summary>
    [InterruptSafe]
    public static ulong ReadFaultAddress() => ReadTrapValue();

    /// <summary>A page fault: the page was present, the access not allowed. The CPU knows no difference for most, so the tables are asked.</summary>
    public readonly bool IsProtectionFault => PageTableWalk.IsPresent(ErrorCode);

    /// <summary>A page fault: the access was a write.</summary>
    public readonly bool IsWriteFault => Vector is InterruptVectors.InvalidStore or InterruptVectors.NotDirty;

    /// <summary>A page fault: the access had the rights of user mode.</summary>
    public readonly bool IsUserFault => (Flags & InterruptVectors.PreviousLevel) != 0;

    /// <summary>A page fault: the access was an instruction fetch.</summary>
    [InterruptSafe]
    public readonly bool IsFetchFault => Vector is InterruptVectors.InvalidFetch or InterruptVectors.NotExecutable or InterruptVectors.FetchAddress;

    /// <summary>Number of registers for a dump.</summary>
    public static int DumpCount => s_names.Length;

    private static readonly string[] s_names =
    [
        "  0", " ra", " tp", " sp", " a0", " a1", " a2", " a3", " a4", " a5", " a6", " a7", " t0", " t1", " t2", " t3", " t4", " t5", " t6", " t7", " t8", "r21", " fp", " s0",
        " s1", " s2", " s3", " s4", " s5", " s6", " s7", " s8", "or0", "era", "bad", "prm", "cau",
    ];

    /// <summary>Name and value of a register, for a dump.</summary>
    public readonly string DumpRegister(int index, out ulong value)
    {
        string name = s_names[index];
        fixed (ulong* registers = &_firstRegister)
        {
            // SAFETY: the name was found, so the index is below DumpCount, which the frame is longer than.
            value = registers[index];
        }

        return name;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadTrapValue")]
    [InterruptSafe]
    private static extern ulong ReadTrapValue();
}
