// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The registers of a user thread in the order of ptrace's <c>struct user_regs_struct</c> for x86-64, and an FP image. User mode itself does not exist on the host.</summary>
public static unsafe class UserRegisters
{
    private const int Rdx = 12;
    private const int Rsi = 13;
    private const int Rdi = 14;
    private const int R8 = 9;
    private const int R9 = 8;
    private const int R10 = 7;
    private const int Rax = 10;
    private const int OriginalRax = 15;
    private const int Rip = 16;
    private const int Rsp = 19;
    private const int FsBase = 21;
    private const int RegisterCount = 27;
    private const int RegisterBytes = 256;

    /// <summary>Registers that a report shows: none.</summary>
    public static ReadOnlySpan<int> ReportedRegisters => [];

    /// <summary>Their names.</summary>
    public static ReadOnlySpan<string> ReportedNames => [];

    /// <summary>Size of a block.</summary>
    public static int BlockSizeBytes => RegisterBytes + FloatingPointSizeBytes;

    /// <summary>Size of the FP image.</summary>
    public static int FloatingPointSizeBytes => 512;

    /// <summary>First address past user space.</summary>
    public static ulong UserSpaceEnd => PageTableFormat.UserSpaceEnd;

    /// <summary>Back to the state of a new program.</summary>
    // SAFETY: callers own a block of BlockSizeBytes, here and below.
    public static void Reset(byte* block) => new Span<byte>(block, BlockSizeBytes).Clear();

    /// <summary>Copies a block.</summary>
    public static void Copy(byte* destination, byte* source) => Buffer.MemoryCopy(source, destination, BlockSizeBytes, BlockSizeBytes);

    /// <summary>Number of the system call.</summary>
    public static ulong GetSyscallNumber(byte* block) => Word(block, OriginalRax);

    /// <summary>An argument of the system call.</summary>
    public static ulong GetArgument(byte* block, int index) => Word(block, index switch
    {
        0 => Rdi,
        1 => Rsi,
        2 => Rdx,
        3 => R10,
        4 => R8,
        5 => R9,
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    });

    /// <summary>Sets what the system call returns.</summary>
    public static void SetReturnValue(byte* block, ulong value) => Word(block, Rax) = value;

    /// <summary>Goes back to the system call instruction.</summary>
    public static void RestartSyscall(byte* block)
    {
        Word(block, Rip) -= 2;
        Word(block, Rax) = Word(block, OriginalRax);
    }

    /// <summary>The instruction pointer.</summary>
    public static ulong GetInstructionPointer(byte* block) => Word(block, Rip);

    /// <summary>Sets the instruction pointer.</summary>
    public static void SetInstructionPointer(byte* block, ulong value) => Word(block, Rip) = value;

    /// <summary>The stack pointer.</summary>
    public static ulong GetStackPointer(byte* block) => Word(block, Rsp);

    /// <summary>Sets the stack pointer.</summary>
    public static void SetStackPointer(byte* block, ulong value) => Word(block, Rsp) = value;

    /// <summary>The thread pointer.</summary>
    public static ulong GetThreadPointer(byte* block) => Word(block, FsBase);

    /// <summary>Sets the thread pointer; false for an address outside user space.</summary>
    public static bool TrySetThreadPointer(byte* block, ulong value)
    {
        if (value >= UserSpaceEnd)
        {
            return false;
        }
        Word(block, FsBase) = value;
        return true;
    }

    /// <summary>A register by its index.</summary>
    public static ulong GetRegister(byte* block, int index) => (uint)index < RegisterCount ? Word(block, index) : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Sets a register by its index.</summary>
    public static void SetRegister(byte* block, int index, ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)RegisterCount, nameof(index));
        Word(block, index) = value;
    }

    /// <summary>Copies the FP image out.</summary>
    public static void SaveFloatingPoint(byte* block, Span<byte> destination) => new ReadOnlySpan<byte>(block + RegisterBytes, FloatingPointSizeBytes).CopyTo(destination);

    /// <summary>Copies an FP image in.</summary>
    public static void LoadFloatingPoint(byte* block, ReadOnlySpan<byte> source) =>
        source[..FloatingPointSizeBytes].CopyTo(new Span<byte>(block + RegisterBytes, FloatingPointSizeBytes));

    /// <summary>User mode could start at the instruction pointer.</summary>
    public static bool IsInstructionPointerLoadable(byte* block) => Word(block, Rip) < UserSpaceEnd;

    /// <summary>There is no user mode here.</summary>
    public static TrapKind Enter(byte* block) => throw new NotSupportedException("The hosted machine has no user mode.");

    /// <summary>The last trap: none.</summary>
    public static ref readonly TrapFrame GetTrap(byte* block) => ref *(TrapFrame*)block;

    /// <summary>Nothing is kept in a CPU.</summary>
    public static void SaveAtSwitch(byte* block)
    {
    }

    private static ref ulong Word(byte* block, int index) => ref ((ulong*)block)[index];
}
