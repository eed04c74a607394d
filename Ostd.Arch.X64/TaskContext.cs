// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>Kernel stacks and the switch between them.</summary>
public static unsafe class TaskContext
{
    private const int CalleeSavedRegisters = 6;

    /// <summary>Size of a kernel stack: a throw needs 2 KiB, formatting 6.5 KiB, and traps nest.</summary>
    public static int StackSizeBytes => 32 * 1024;

    /// <summary>Prepares a new stack so that the first switch to it calls <c>TaskEntry</c> of Ostd.Core.</summary>
    /// <param name="stackTop">End of the stack, a multiple of 16.</param>
    /// <returns>The stack pointer to switch to.</returns>
    public static nuint Prepare(nuint stackTop)
    {
        // SAFETY: the caller owns the stack; eight words below its end are written.
        nuint* words = (nuint*)stackTop;
        words[-1] = 0;
        words[-2] = 0;
        nuint* pointer = words - 2;
        *--pointer = (nuint)TaskStartAddress();
        for (int i = 0; i < CalleeSavedRegisters; i++)
        {
            *--pointer = 0;
        }

        return (nuint)pointer;
    }

    /// <summary>Saves the callee-saved registers on the current stack and goes on with another. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSwitchContext")]
    public static extern void Switch(nuint* savedStackPointer, nuint newStackPointer);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTaskStartAddress")]
    private static extern nint TaskStartAddress();
}
