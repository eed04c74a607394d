// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>Byte offsets in the block that tp points to in the kernel, one block for each CPU. The assembly has the same (Stubs/layout.inc).</summary>
internal static class PerCpuLayout
{
    /// <summary>
    /// Two for each guard that keeps preemption off, and 1 more while the running task need not give way, 32 bits: whoever takes the last guard's two away sees in the same step whether something is to be done, which is at 0.
    /// At the start, so that one atomic instruction with tp as its address changes it.
    /// </summary>
    public const int Preemption = 0;

    /// <summary>The runtime's record of the running task. Pointer; never 0 once the runtime runs.</summary>
    public const int RuntimeThread = 8;

    /// <summary>Reference to the running task object; the list of all tasks keeps it alive.</summary>
    public const int CurrentTask = 16;

    /// <summary>Number of the CPU, 32 bits.</summary>
    public const int CpuId = 24;

    /// <summary>1 while a device interrupt's handler runs, 32 bits.</summary>
    public const int InInterrupt = 28;

    /// <summary>What a spinning lock remembers of its holder, 32 bits: <c>ThisCpu.HolderIdOf</c>.</summary>
    public const int HolderId = 32;

    /// <summary>1 when the sender of the next interrupt between CPUs wants <see cref="TrapKind.NonMaskable"/>, 32 bits.</summary>
    public const int StopRequest = 36;

    /// <summary>The block's own address, so that C# can get at it.</summary>
    public const int Self = 40;

    /// <summary>Register block of the user thread in user mode.</summary>
    public const int UserBlock = 48;

    /// <summary>Register block whose floating-point registers this CPU loaded last, or 0: it holds them still if the block names it in <see cref="TrapLayout.StateCpu"/>.</summary>
    public const int UserStateOwner = 56;

    /// <summary>Where allocation takes cells from: the CPU's own record of the heap (CpuHeap of Ostd.Runtime), or an empty one where allocation is forbidden. Never 0.</summary>
    public const int AllocationCache = 64;

    /// <summary>The CPU's own record of the heap, or 0 before its first allocation.</summary>
    public const int CpuHeap = 72;

    /// <summary>A register during the first instructions of a trap from user mode.</summary>
    public const int Scratch = 80;

    /// <summary>What the trap that is being entered is about: ERA, PRMD, ESTAT and BADV.</summary>
    public const int Trap = 96;

    /// <summary>End of the stack for traps that find no room on the interrupted one.</summary>
    public const int EmergencyStack = 128;

    /// <summary>Line that interrupts, plus one, until <see cref="InterruptController.EndOfInterrupt"/>; 0 when there is none. 32 bits.</summary>
    public const int ClaimedLine = 136;

    /// <summary>The answer of who takes a guard away and should give way.</summary>
    public const int GiveWay = 1 << 20;

    /// <summary>Size of the block.</summary>
    public const int Size = 192;
}
