// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Registers of the interrupted code, in the order of <see cref="TrapLayout"/>. Changes take effect when the trap returns.</summary>
[StructLayout(LayoutKind.Explicit, Size = TrapLayout.FrameSize)]
public unsafe struct TrapFrame
{
    [FieldOffset(TrapLayout.R15)]
    public ulong R15;

    /// <summary>RBP, by which frames are found that change in size.</summary>
    [FieldOffset(TrapLayout.Rbp)]
    public ulong FramePointer;

    [FieldOffset(TrapLayout.Rax)]
    public ulong Rax;

    [FieldOffset(TrapLayout.Rsi)]
    public ulong Rsi;

    [FieldOffset(TrapLayout.Rdi)]
    public ulong Rdi;

    [FieldOffset(TrapLayout.Vector)]
    public ulong Vector;

    [FieldOffset(TrapLayout.ErrorCode)]
    public ulong ErrorCode;

    /// <summary>Address of the interrupted instruction.</summary>
    [FieldOffset(TrapLayout.Rip)]
    public ulong InstructionPointer;

    [FieldOffset(TrapLayout.Rflags)]
    public ulong Flags;

    /// <summary>Stack pointer of the interrupted code.</summary>
    [FieldOffset(TrapLayout.Rsp)]
    public ulong StackPointer;

    /// <summary>The register of a first argument: RDI.</summary>
    [UnscopedRef]
    [InterruptSafe]
    public ref ulong Argument0 => ref Rdi;

    /// <summary>The register of a second argument: RSI.</summary>
    [UnscopedRef]
    [InterruptSafe]
    public ref ulong Argument1 => ref Rsi;

    /// <summary>The register in which a call leaves its return address: there is none.</summary>
    [InterruptSafe]
    public readonly ulong LinkRegister => 0;

    /// <summary>Interrupts were on.</summary>
    [InterruptSafe]
    public readonly bool InterruptsWereEnabled => (Flags & 0x200) != 0;

    /// <summary>Number of a device interrupt: the line of the I/O APIC for the first ones.</summary>
    [InterruptSafe]
    public readonly int InterruptNumber => (int)Vector - InterruptVectors.FirstDevice;

    /// <summary>What happened.</summary>
    [InterruptSafe]
    public readonly TrapKind Kind => InterruptVectors.Classify((int)Vector);

    /// <summary>Address that a page fault was about. To be read before interrupts are on again.</summary>
    [InterruptSafe]
    public static ulong ReadFaultAddress() => ControlRegisters.ReadCr2();

    /// <summary>A page fault: the page was present, the access not allowed.</summary>
    public readonly bool IsProtectionFault => (ErrorCode & 1) != 0;

    /// <summary>A page fault: the access was a write.</summary>
    public readonly bool IsWriteFault => (ErrorCode & 2) != 0;

    /// <summary>A page fault: the access had the rights of user mode. Without it in user mode, the CPU itself looked at something on the program's behalf (Intel SDM volume 3A, section 4.6.1 "Implicit supervisor-mode accesses").</summary>
    public readonly bool IsUserFault => (ErrorCode & 4) != 0;

    /// <summary>A page fault: the access was an instruction fetch.</summary>
    [InterruptSafe]
    public readonly bool IsFetchFault => (ErrorCode & 16) != 0;

    /// <summary>Number of registers for a dump.</summary>
    public static int DumpCount => 23;

    /// <summary>Name and value of a register, for a dump.</summary>
    public readonly string DumpRegister(int index, out ulong value)
    {
        fixed (ulong* registers = &R15)
        {
            // SAFETY: the index is checked against the frame's size by the switch's default and DumpCount.
            value = index < TrapLayout.FrameSize / 8 ? registers[index] : ReadFaultAddress();
        }

        return index switch
        {
            0 => "r15",
            1 => "r14",
            2 => "r13",
            3 => "r12",
            4 => "rbp",
            5 => "rbx",
            6 => "r11",
            7 => "r10",
            8 => " r9",
            9 => " r8",
            10 => "rax",
            11 => "rcx",
            12 => "rdx",
            13 => "rsi",
            14 => "rdi",
            15 => "vec",
            16 => "err",
            17 => "rip",
            18 => " cs",
            19 => "flg",
            20 => "rsp",
            21 => " ss",
            _ => "cr2",
        };
    }
}
