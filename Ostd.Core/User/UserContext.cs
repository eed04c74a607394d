// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;

namespace Ostd.User;

/// <summary>
/// The registers of a user thread, FP/SIMD state included. What is set is sanitised: no value can give user mode a privilege (RFLAGS, segments, non-canonical addresses).
/// </summary>
/// <remarks>
/// For one task at a time: while one is in user mode with it, <see cref="UserMode.Execute"/> by another one throws <see cref="InvalidOperationException"/>, and so does what would change what the CPU
/// needs to come back (<see cref="Reset"/>) or what it cannot load unchecked (the instruction pointer, segment bases, the FP/SIMD image). Other registers are out of date meanwhile, and what is set is lost.
/// </remarks>
public sealed unsafe class UserContext
{
    private const int Alignment = 16;

    // The collector does not move objects: traps push into this array. It must stay reachable while user mode runs, which Execute sees to.
    private readonly byte[] _storage;

    // The block holds the kernel's stack pointer while user mode runs: two tasks in one block would return on each other's stack.
    private int _isClaimed;

    /// <summary>Registers of a new program: all zero, with the CPU's flags and floating-point control words as Linux hands them to a program.</summary>
    public UserContext()
    {
        _storage = GC.AllocateUninitializedArray<byte>(UserRegisters.BlockSizeBytes + Alignment, pinned: TaskHosting.IsHosted);
        UserRegisters.Reset(Block);
    }

    private UserContext(UserContext source)
    {
        _storage = GC.AllocateUninitializedArray<byte>(UserRegisters.BlockSizeBytes + Alignment, pinned: TaskHosting.IsHosted);
        UserRegisters.Copy(Block, source.Block);
    }

    /// <summary>Size of the FP/SIMD image, in bytes (FXSAVE: 512).</summary>
    public static int FloatingPointSizeBytes => UserRegisters.FloatingPointSizeBytes;

    /// <summary>Number of the system call, as the program gave it; all ones when user mode was left for another reason.</summary>
    public ulong SyscallNumber => UserRegisters.GetSyscallNumber(Block);

    /// <summary>Where user mode goes on. Any number may be set: one that is no user address ends the next <see cref="UserMode.Execute"/> with an exception of the user's.</summary>
    /// <exception cref="InvalidOperationException">Set while a task runs these registers in user mode.</exception>
    public ulong InstructionPointer
    {
        get => UserRegisters.GetInstructionPointer(Block);
        set
        {
            Claim();
            UserRegisters.SetInstructionPointer(Block, value);
            Unclaim();
        }
    }

    /// <summary>The stack pointer of user mode. The kernel never uses it, so any number may be set.</summary>
    public ulong StackPointer
    {
        get => UserRegisters.GetStackPointer(Block);
        set => UserRegisters.SetStackPointer(Block, value);
    }

    /// <summary>Thread pointer: FS base on x86-64, tp elsewhere. A value outside of user space throws <see cref="ArgumentOutOfRangeException"/>.</summary>
    public ulong ThreadPointer
    {
        get => UserRegisters.GetThreadPointer(Block);
        set
        {
            Claim();
            bool isSet = UserRegisters.TrySetThreadPointer(Block, value);
            Unclaim();
            if (!isSet)
            {
                throw new ArgumentOutOfRangeException(nameof(value));
            }
        }
    }

    // SAFETY: the array is BlockSizeBytes long after the alignment, and never moves (on the host it is pinned).
    [InterruptSafe]
    internal byte* Block
    {
        get
        {
            fixed (byte* storage = _storage)
            {
                return (byte*)(((nuint)storage + Alignment - 1) & ~(nuint)(Alignment - 1));
            }
        }
    }

    /// <summary>A copy, for fork.</summary>
    public UserContext Clone() => new(this);

    /// <summary>Argument 0 to 5 of the system call, unchanged by <see cref="SetReturnValue"/>.</summary>
    public ulong GetArgument(int index) => UserRegisters.GetArgument(Block, index);

    /// <summary>Sets what the system call returns (negative errno for an error).</summary>
    public void SetReturnValue(long value) => UserRegisters.SetReturnValue(Block, (ulong)value);

    /// <summary>Makes the instruction pointer stand at the system call instruction again with the original number, for a restart.</summary>
    public void RestartSyscall()
    {
        Claim();
        UserRegisters.RestartSyscall(Block);
        Unclaim();
    }

    /// <summary>A register by its index in the architecture's ptrace layout (<c>struct user_regs_struct</c>): x86-64: r15 0, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax 10, rcx, rdx, rsi, rdi, orig_rax 15, rip 16, cs, rflags 18, rsp 19, ss, fs_base 21, gs_base 22.</summary>
    public ulong GetRegister(int index) => UserRegisters.GetRegister(Block, index);

    /// <summary>Sets a register; values that would give privileges are corrected as Linux's sigreturn does.</summary>
    public void SetRegister(int index, ulong value)
    {
        Claim();
        try
        {
            UserRegisters.SetRegister(Block, index, value);
        }
        finally
        {
            Unclaim();
        }
    }

    /// <summary>Writes the FP/SIMD image.</summary>
    public void SaveFloatingPoint(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, FloatingPointSizeBytes, nameof(destination));
        UserRegisters.SaveFloatingPoint(Block, destination);
    }

    /// <summary>Loads an FP/SIMD image; reserved bits are cleared.</summary>
    public void LoadFloatingPoint(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, FloatingPointSizeBytes, nameof(source));
        Claim();

        // A switch in between would save what the CPU holds over what has been copied.
        bool wereEnabled = Interrupts.Disable();
        UserRegisters.LoadFloatingPoint(Block, source);
        Interrupts.Restore(wereEnabled);
        Unclaim();
    }

    /// <summary>Back to the state of a new program: all registers zero, FP in its initial state.</summary>
    public void Reset()
    {
        Claim();
        UserRegisters.Reset(Block);
        Unclaim();
    }

    /// <summary>Takes the block for a use that allows no other one.</summary>
    internal void Claim()
    {
        if (Interlocked.CompareExchange(ref _isClaimed, 1, 0) != 0)
        {
            throw new InvalidOperationException("The registers are in use by another task.");
        }
    }

    /// <summary>Ends what <see cref="Claim"/> began.</summary>
    internal void Unclaim() => Volatile.Write(ref _isClaimed, 0);

    // The thread is switched away from: it may run on another CPU next. With interrupts off.
    [InterruptSafe]
    internal void Save() => UserRegisters.SaveAtSwitch(Block);
}
