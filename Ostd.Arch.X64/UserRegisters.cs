// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// The register block of a user thread: memory of <see cref="BlockSizeBytes"/>, aligned to 16 bytes and never moved, into which traps from user mode push. Nothing that is set
/// here can give user mode a privilege.
/// </summary>
// SAFETY: every member takes a block of BlockSizeBytes that its caller owns, and stays within it: offsets are the constants of TrapLayout.
public static unsafe class UserRegisters
{
    // RFLAGS that user mode may set: CF PF AF ZF SF TF DF OF NT RF AC ID (Linux: FIX_EFLAGS and the arithmetic flags). Bit 1 is always 1, IF always on.
    private const ulong UserFlags = 0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x100 | 0x400 | 0x800 | 0x1_0000 | 0x4_0000 | 0x20_0000;
    private const ulong FixedFlags = 0x2 | 0x200;
    private const int SyscallInstructionLength = 2;
    private const int OriginalRaxIndex = 15;
    private const int RegisterCount = 27;

    /// <summary>Size of a register block.</summary>
    public static int BlockSizeBytes => TrapLayout.BlockSize;

    /// <summary>Size of the FP/SIMD image.</summary>
    public static int FloatingPointSizeBytes => FloatingPoint.ImageSize;

    /// <summary>First address past user space: the end of the lower canonical half, less one page so that no instruction can run into the hole.</summary>
    public static ulong UserSpaceEnd => 0x7fff_ffff_f000;

    /// <summary>Places in <c>struct user_regs_struct</c> of the registers that a report shows: instruction and stack pointer, the system call's number and arguments.</summary>
    public static ReadOnlySpan<int> ReportedRegisters => [16, 19, OriginalRaxIndex, 14, 13, 12, 7, 9, 8];

    /// <summary>Their names.</summary>
    public static ReadOnlySpan<string> ReportedNames => s_reportedNames;

    private static readonly string[] s_reportedNames = ["rip", "rsp", "rax", "rdi", "rsi", "rdx", "r10", "r8", "r9"];

    /// <summary>All registers zero, FP in its initial state: a new program.</summary>
    public static void Reset(byte* block)
    {
        Forget(block);
        new Span<byte>(block, TrapLayout.BlockSize).Clear();
        Word(block, TrapLayout.Cs) = Selectors.UserCode;
        Word(block, TrapLayout.Ss) = Selectors.UserData;
        Word(block, TrapLayout.Rflags) = FixedFlags;
        Word(block, TrapLayout.OriginalRax) = ulong.MaxValue;
        *(uint*)(block + TrapLayout.Mxcsr) = FloatingPoint.DefaultMxcsr;
        *(ushort*)(block + TrapLayout.X87) = FloatingPoint.DefaultControlWord;
        *(uint*)(block + TrapLayout.X87 + 24) = FloatingPoint.DefaultMxcsr;
    }

    /// <summary>Copies a block, with what the CPU still holds of it.</summary>
    public static void Copy(byte* destination, byte* source)
    {
        Synchronize(source);
        new ReadOnlySpan<byte>(source, TrapLayout.BlockSize).CopyTo(new Span<byte>(destination, TrapLayout.BlockSize));
        Forget(destination);
    }

    /// <summary>Number of the system call.</summary>
    public static ulong GetSyscallNumber(byte* block) => Word(block, TrapLayout.OriginalRax);

    /// <summary>Argument of the system call (x86-64 ABI supplement, appendix A.2.1).</summary>
    public static ulong GetArgument(byte* block, int index) => Word(block, index switch
    {
        0 => TrapLayout.Rdi,
        1 => TrapLayout.Rsi,
        2 => TrapLayout.Rdx,
        3 => TrapLayout.R10,
        4 => TrapLayout.R8,
        5 => TrapLayout.R9,
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    });

    /// <summary>Result of the system call.</summary>
    public static void SetReturnValue(byte* block, ulong value) => Word(block, TrapLayout.Rax) = value;

    /// <summary>Puts the program back in front of the system call.</summary>
    public static void RestartSyscall(byte* block)
    {
        Word(block, TrapLayout.Rip) -= SyscallInstructionLength;
        Word(block, TrapLayout.Rax) = Word(block, TrapLayout.OriginalRax);
    }

    public static ulong GetInstructionPointer(byte* block) => Word(block, TrapLayout.Rip);

    public static void SetInstructionPointer(byte* block, ulong value) => Word(block, TrapLayout.Rip) = value;

    public static ulong GetStackPointer(byte* block) => Word(block, TrapLayout.Rsp);

    public static void SetStackPointer(byte* block, ulong value) => Word(block, TrapLayout.Rsp) = value;

    public static ulong GetThreadPointer(byte* block) => Word(block, TrapLayout.FsBase);

    /// <summary>Sets FS base.</summary>
    /// <returns>False when the address is not one of user space.</returns>
    public static bool TrySetThreadPointer(byte* block, ulong value) => TrySetBase(block, TrapLayout.FsBase, value);

    /// <summary>A register by its place in <c>struct user_regs_struct</c>.</summary>
    public static ulong GetRegister(byte* block, int index) => index switch
    {
        >= 0 and < OriginalRaxIndex => Word(block, index * 8),
        OriginalRaxIndex => Word(block, TrapLayout.OriginalRax),
        16 => Word(block, TrapLayout.Rip),
        17 => Selectors.UserCode,
        18 => Word(block, TrapLayout.Rflags),
        19 => Word(block, TrapLayout.Rsp),
        20 => Selectors.UserData,
        21 => Word(block, TrapLayout.FsBase),
        22 => Word(block, TrapLayout.GsBase),
        >= 23 and < RegisterCount => 0, // ds, es, fs, gs
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>Sets a register. Segments keep their value, RFLAGS takes the bits that a program could set itself, and a segment base outside of user space is ignored.</summary>
    public static void SetRegister(byte* block, int index, ulong value)
    {
        switch (index)
        {
            case >= 0 and < OriginalRaxIndex:
                Word(block, index * 8) = value;
                break;
            case OriginalRaxIndex:
                Word(block, TrapLayout.OriginalRax) = value;
                break;
            case 16:
                Word(block, TrapLayout.Rip) = value;
                break;
            case 18:
                Word(block, TrapLayout.Rflags) = (value & UserFlags) | FixedFlags;
                break;
            case 19:
                Word(block, TrapLayout.Rsp) = value;
                break;
            case 21:
                TrySetBase(block, TrapLayout.FsBase, value);
                break;
            case 22:
                TrySetBase(block, TrapLayout.GsBase, value);
                break;
            case 17 or 20 or (>= 23 and < RegisterCount):
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(index));
        }
    }

    /// <summary>Writes the FXSAVE image.</summary>
    public static void SaveFloatingPoint(byte* block, Span<byte> destination)
    {
        Synchronize(block);
        new ReadOnlySpan<byte>(block + TrapLayout.X87, FloatingPoint.ImageSize).CopyTo(destination);
        new ReadOnlySpan<byte>(block + TrapLayout.Xmm, 256).CopyTo(destination[160..]);
        new ReadOnlySpan<byte>(block + TrapLayout.Mxcsr, 4).CopyTo(destination[24..]);
    }

    /// <summary>Takes an FXSAVE image over. Reserved bits of MXCSR, which would fault when loaded, are cleared. With interrupts off.</summary>
    public static void LoadFloatingPoint(byte* block, ReadOnlySpan<byte> source)
    {
        Forget(block);
        source[..FloatingPoint.ImageSize].CopyTo(new Span<byte>(block + TrapLayout.X87, FloatingPoint.ImageSize));
        source.Slice(160, 256).CopyTo(new Span<byte>(block + TrapLayout.Xmm, 256));
        uint* mxcsrInImage = (uint*)(block + TrapLayout.X87 + 24);
        *mxcsrInImage &= FloatingPoint.MxcsrMask;
        *(uint*)(block + TrapLayout.Mxcsr) = *mxcsrInImage;
    }

    /// <summary>RIP can be loaded: it is canonical. With another one user mode must not be entered.</summary>
    public static bool IsInstructionPointerLoadable(byte* block)
    {
        long rip = (long)Word(block, TrapLayout.Rip);
        return rip << 16 >> 16 == rip;
    }

    /// <summary>
    /// Runs user mode until a trap. Interrupts are off before and after. The block then holds the state at the trap.
    /// </summary>
    /// <returns>What ended it; <see cref="GetTrap"/> has the details.</returns>
    public static TrapKind Enter(byte* block)
    {
        if (!IsStateInThisCpu(block))
        {
            LoadState(block);
        }

        EnterUser(block);
        int vector = (int)Word(block, TrapLayout.Vector);
        if (vector == TrapLayout.SyscallVector)
        {
            Word(block, TrapLayout.OriginalRax) = Word(block, TrapLayout.Rax);
            return TrapKind.Syscall;
        }

        Word(block, TrapLayout.OriginalRax) = ulong.MaxValue;
        return InterruptVectors.Classify(vector);
    }

    /// <summary>The trap that ended <see cref="Enter"/>.</summary>
    public static ref readonly TrapFrame GetTrap(byte* block) => ref *(TrapFrame*)block;

    /// <summary>Saves what this CPU still holds of the block: its thread is switched away from, and may run on another CPU next. With interrupts off.</summary>
    [InterruptSafe]
    public static void SaveAtSwitch(byte* block)
    {
        if (IsStateInThisCpu(block))
        {
            FloatingPoint.Save(block + TrapLayout.X87);
        }
    }

    /// <summary>Saves what the CPU still holds of the block of the current task.</summary>
    private static void Synchronize(byte* block)
    {
        bool wereEnabled = Interrupts.Disable();
        SaveAtSwitch(block);
        Interrupts.Restore(wereEnabled);
    }

    // What a trap does not save stays in the CPU as long as no other user thread runs on it: kernel code touches neither x87 nor segment bases, nor, by LLVM, vector registers. The state is there if this CPU loaded that of
    // no other block since, and no other CPU loaded that of this one. Memory is up to date whenever the thread is off the CPU.
    [InterruptSafe]
    private static bool IsStateInThisCpu(byte* block) =>
        *(byte**)(ThisCpu.Block + PerCpuLayout.UserStateOwner) == block && *(int*)(block + TrapLayout.StateCpu) == ThisCpu.Id + 1;

    // The block was changed in memory: no CPU holds its state.
    private static void Forget(byte* block) => *(int*)(block + TrapLayout.StateCpu) = 0;

    private static void LoadState(byte* block)
    {
        *(byte**)(ThisCpu.Block + PerCpuLayout.UserStateOwner) = block;
        *(int*)(block + TrapLayout.StateCpu) = ThisCpu.Id + 1;
        FloatingPoint.Load(block + TrapLayout.X87);
        ResetUserSegments();
        Msr.Write(Msr.FsBase, Word(block, TrapLayout.FsBase));
        Msr.Write(Msr.KernelGsBase, Word(block, TrapLayout.GsBase));
    }

    private static bool TrySetBase(byte* block, int offset, ulong value)
    {
        if (value >= UserSpaceEnd)
        {
            return false;
        }

        Synchronize(block);
        Forget(block);
        Word(block, offset) = value;
        return true;
    }

    private static ref ulong Word(byte* block, int offset) => ref *(ulong*)(block + offset);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnterUser")]
    private static extern void EnterUser(byte* block);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchResetUserSegments")]
    private static extern void ResetUserSegments();
}
