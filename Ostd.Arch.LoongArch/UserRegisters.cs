// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// The register block of a user thread: memory of <see cref="BlockSizeBytes"/>, aligned to 16 bytes and never moved, into which traps from user mode store. Nothing that is set
/// here can give user mode a privilege: PRMD is not taken from it.
/// </summary>
// SAFETY: every member takes a block of BlockSizeBytes that its caller owns, and stays within it: offsets are the constants of TrapLayout.
public static unsafe class UserRegisters
{
    private const int SyscallLength = 4;
    private const int FloatBytes = TrapLayout.FloatControl + 8 - TrapLayout.Floats;
    
    // fcsr0: enables, rounding mode, flags and causes (LoongArch Reference Manual 1.10, volume 1, section 3.1.3). The others are reserved.
    private const uint FloatControlMask = 0x1f1f_031f;
    private const ulong FloatConditionMask = 0x0101_0101_0101_0101;

    /// <summary>Size of a register block.</summary>
    public static int BlockSizeBytes => TrapLayout.BlockSize;

    /// <summary>Size of the floating-point image: <c>struct fpu_context</c>, f0 to f31, the eight conditions with a byte each, and fcsr0, in a multiple of 8 bytes.</summary>
    public static int FloatingPointSizeBytes => FloatBytes;

    /// <summary>First address past user space.</summary>
    public static ulong UserSpaceEnd => PageTableFormat.UserSpaceEnd;

    /// <summary>Places in <c>struct user_pt_regs</c> of the registers that a report shows: instruction and stack pointer, the system call's number and arguments.</summary>
    public static ReadOnlySpan<int> ReportedRegisters => [33, 3, 11, 4, 5, 6, 7, 8, 9];

    /// <summary>Their names.</summary>
    public static ReadOnlySpan<string> ReportedNames => s_reportedNames;

    private static readonly string[] s_reportedNames = ["pc", "sp", "a7", "a0", "a1", "a2", "a3", "a4", "a5"];

    /// <summary>All registers zero: a new program.</summary>
    public static void Reset(byte* block)
    {
        Forget(block);
        new Span<byte>(block, TrapLayout.BlockSize).Clear();
        Word(block, TrapLayout.SyscallNumber) = ulong.MaxValue;
    }

    /// <summary>Copies a block, with what the CPU still holds of it.</summary>
    public static void Copy(byte* destination, byte* source)
    {
        Synchronize(source);
        new ReadOnlySpan<byte>(source, TrapLayout.BlockSize).CopyTo(new Span<byte>(destination, TrapLayout.BlockSize));
        Forget(destination);
    }

    /// <summary>Number of the system call.</summary>
    public static ulong GetSyscallNumber(byte* block) => Word(block, TrapLayout.SyscallNumber);

    /// <summary>Argument of the system call (syscall(2)): a0 to a5, the first as it was before the result took its place.</summary>
    public static ulong GetArgument(byte* block, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, 5u);
        return Word(block, index == 0 ? TrapLayout.OriginalA0 : TrapLayout.A0 + index * 8);
    }

    /// <summary>Result of the system call.</summary>
    public static void SetReturnValue(byte* block, ulong value) => Word(block, TrapLayout.A0) = value;

    /// <summary>Puts the program back in front of the system call.</summary>
    public static void RestartSyscall(byte* block)
    {
        Word(block, TrapLayout.ProgramCounter) -= SyscallLength;
        Word(block, TrapLayout.A0) = Word(block, TrapLayout.OriginalA0);
    }

    public static ulong GetInstructionPointer(byte* block) => Word(block, TrapLayout.ProgramCounter);

    public static void SetInstructionPointer(byte* block, ulong value) => Word(block, TrapLayout.ProgramCounter) = value;

    public static ulong GetStackPointer(byte* block) => Word(block, TrapLayout.StackPointer);

    public static void SetStackPointer(byte* block, ulong value) => Word(block, TrapLayout.StackPointer) = value;

    public static ulong GetThreadPointer(byte* block) => Word(block, TrapLayout.ThreadPointer);

    /// <summary>Sets tp, an ordinary register.</summary>
    /// <returns>False when the address is not one of user space.</returns>
    public static bool TrySetThreadPointer(byte* block, ulong value)
    {
        if (value >= UserSpaceEnd)
        {
            return false;
        }

        Word(block, TrapLayout.ThreadPointer) = value;
        return true;
    }

    /// <summary>A register by its place in <c>struct user_pt_regs</c>: r0 to r31, a0 before the system call, pc, and the address of the last fault.</summary>
    public static ulong GetRegister(byte* block, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)TrapLayout.RegisterCount);
        return Word(block, index * 8);
    }

    /// <summary>Sets a register. r0 stays 0.</summary>
    public static void SetRegister(byte* block, int index, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)TrapLayout.RegisterCount);
        Word(block, index * 8) = index == 0 ? 0 : value;
    }

    /// <summary>Writes the floating-point image.</summary>
    public static void SaveFloatingPoint(byte* block, Span<byte> destination)
    {
        Synchronize(block);
        new ReadOnlySpan<byte>(block + TrapLayout.Floats, FloatBytes).CopyTo(destination);
    }

    /// <summary>Takes a floating-point image over. Reserved bits are cleared. With interrupts off.</summary>
    public static void LoadFloatingPoint(byte* block, ReadOnlySpan<byte> source)
    {
        Forget(block);
        source[..FloatBytes].CopyTo(new Span<byte>(block + TrapLayout.Floats, FloatBytes));
        Word(block, TrapLayout.FloatConditions) &= FloatConditionMask;
        Word(block, TrapLayout.FloatControl) &= FloatControlMask;
    }

    /// <summary>The way back to user mode does not fault: whatever the address is, the program does.</summary>
    public static bool IsInstructionPointerLoadable(byte* block) => true;

    /// <summary>Runs user mode until a trap leaves it. With interrupts off, before and after.</summary>
    /// <returns>What the trap was.</returns>
    public static TrapKind Enter(byte* block)
    {
        if (!IsStateInThisCpu(block))
        {
            *(byte**)(ThisCpu.Block + PerCpuLayout.UserStateOwner) = block;
            *(int*)(block + TrapLayout.StateCpu) = ThisCpu.Id + 1;
            LoadFloats(block);
        }

        EnterUser(block);
        TrapKind kind = InterruptVectors.Classify(Word(block, TrapLayout.Cause));
        if (kind == TrapKind.Syscall)
        {
            Word(block, TrapLayout.SyscallNumber) = Word(block, TrapLayout.A7);
            Word(block, TrapLayout.OriginalA0) = Word(block, TrapLayout.A0);
            Word(block, TrapLayout.ProgramCounter) += SyscallLength;
            return kind;
        }

        Word(block, TrapLayout.SyscallNumber) = ulong.MaxValue;
        return kind;
    }

    /// <summary>The trap that ended <see cref="Enter"/>.</summary>
    public static ref readonly TrapFrame GetTrap(byte* block) => ref *(TrapFrame*)block;

    /// <summary>Saves what this CPU still holds of the block: its thread is switched away from, and may run on another CPU next. With interrupts off.</summary>
    [InterruptSafe]
    public static void SaveAtSwitch(byte* block)
    {
        if (IsStateInThisCpu(block))
        {
            SaveFloats(block);
        }
    }

    // Saves what the CPU still holds of the block of the current task.
    private static void Synchronize(byte* block)
    {
        bool wereEnabled = Interrupts.Disable();
        SaveAtSwitch(block);
        Interrupts.Restore(wereEnabled);
    }

    // Floating-point registers stay in the CPU as long as no other user thread runs on it: kernel code has no floating point. They are there if this CPU loaded those of no other block since, and no
    // other CPU loaded those of this one. Memory is up to date whenever the thread is off the CPU.
    [InterruptSafe]
    private static bool IsStateInThisCpu(byte* block) =>
        *(byte**)(ThisCpu.Block + PerCpuLayout.UserStateOwner) == block && *(int*)(block + TrapLayout.StateCpu) == ThisCpu.Id + 1;

    // The block was changed in memory: no CPU holds its state.
    private static void Forget(byte* block) => *(int*)(block + TrapLayout.StateCpu) = 0;

    private static ref ulong Word(byte* block, int offset) => ref *(ulong*)(block + offset);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnterUser")]
    private static extern void EnterUser(byte* block);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSaveFloats")]
    [InterruptSafe]
    private static extern void SaveFloats(byte* block);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchLoadFloats")]
    private static extern void LoadFloats(byte* block);
}
