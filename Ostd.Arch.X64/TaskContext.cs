// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Kernel stacks and the switch between them.</summary>
public static unsafe class TaskContext
{
    /// <summary>Size of a kernel stack: a throw needs 2 KiB, formatting 6.5 KiB, and traps nest.</summary>
    public static int StackSizeBytes => 32 * 1024;

    /// <summary>Prepares a new stack so that the first switch to it calls <c>TaskEntry</c> of Ostd.Core.</summary>
    /// <param name="stackTop">End of the stack, a multiple of 16.</param>
    /// <returns>The stack pointer to switch to.</returns>
    public static nuint Prepare(nuint stackTop)
    {
        // SAFETY: the caller owns the stack; a frame of the switch and two words below its end are written.
        nuint* frame = (nuint*)stackTop - 2 - SwitchFrame.WordCount;
        new Span<nuint>(frame, SwitchFrame.WordCount + 2).Clear();
        frame[SwitchFrame.ReturnAddress] = (nuint)TaskStartAddress();
        return (nuint)frame;
    }

    /// <summary>Saves the callee-saved registers on the current stack and goes on with another. Interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSwitchContext")]
    public static extern void Switch(nuint* savedStackPointer, nuint newStackPointer);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTaskStartAddress")]
    private static extern nint TaskStartAddress();
}
