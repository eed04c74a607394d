// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>
/// Byte offsets in the block that GS points to in the kernel, one block for each CPU. Shared by the stubs, which address it as <c>gs:[offset]</c>, and by C#.
/// </summary>
internal static class PerCpuLayout
{
    /// <summary>The block's own address, so that C# can get at it.</summary>
    public const int Self = 0;

    /// <summary>The runtime's record of the running task (exception state, thread statics, stack bounds). Pointer; never 0 once the runtime runs.</summary>
    public const int RuntimeThread = 8;

    /// <summary>Reference to the running task object; the list of all tasks keeps it alive.</summary>
    public const int CurrentTask = 16;

    /// <summary>Number of the CPU, 32 bits.</summary>
    public const int CpuId = 24;

    /// <summary>
    /// Two for each guard that keeps preemption off, and 1 more while the running task need not give way, 32 bits: whoever takes the last guard's two away sees in the same step whether something is to be done, which is at 0.
    /// Changed by single instructions, so that no lock is needed against interrupts.
    /// </summary>
    public const int Preemption = 28;

    /// <summary>1 while a device interrupt's handler runs, 32 bits.</summary>
    public const int InInterrupt = 36;

    /// <summary>Where a SYSCALL starts to push: the end of the iret frame in the running user thread's register block.</summary>
    public const int UserFrameEnd = 40;

    /// <summary>The user's RSP during the first instructions of a system call.</summary>
    public const int Scratch = 48;

    /// <summary>Register block whose x87 state, segment bases and selectors this CPU loaded last, or 0: it holds them still if the block names it in <see cref="TrapLayout.StateCpu"/>.</summary>
    public const int UserStateOwner = 56;

    /// <summary>Address of this CPU's task state segment.</summary>
    public const int TaskStateSegment = 64;

    /// <summary>MXCSR for kernel code: all exceptions masked.</summary>
    public const int KernelMxcsr = 72;

    /// <summary>1 when SMAP is on and traps must execute CLAC, 32 bits.</summary>
    public const int SmapEnabled = 76;

    /// <summary>Where allocation takes cells from: the CPU's own record of the heap (CpuHeap of Ostd.Runtime), or an empty one where allocation is forbidden. Never 0.</summary>
    public const int AllocationCache = 80;

    /// <summary>The CPU's own record of the heap, or 0 before its first allocation.</summary>
    public const int CpuHeap = 88;

    /// <summary>What a spinning lock remembers of its holder, 32 bits (<c>ThisCpu.HolderIdOf</c>).</summary>
    public const int HolderId = 96;

    /// <summary>The answer of who takes a guard away and should give way: no difference of two holders' numbers.</summary>
    public const int GiveWay = 1 << 20;

    /// <summary>Size of the block.</summary>
    public const int Size = 128;
}
