// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Collects return addresses, for backtraces. Allocates nothing and never throws.</summary>
// SAFETY: requests, contexts and iterators are locals that outlast the walk. The buffer is the caller's and is written below its
// capacity only. CaptureFrom reads the words that ArchCallWithSavedRegisters and the call to it have saved. Further reads of the
// stack are FrameUnwinder's, which checks them against the running task's bounds.
public static unsafe class StackWalker
{
    private struct Request
    {
        internal nint* Buffer;
        internal int Capacity;
        internal int Count;
        internal nuint LowestFrame;
    }

    /// <summary>Walks the running task's stack from the caller on.</summary>
    /// <param name="buffer">Receives the addresses, innermost first.</param>
    /// <param name="capacity">Its length.</param>
    /// <param name="lowestFrame">Frames below this stack address are left out; 0 for none.</param>
    /// <returns>The number of frames, negated when the buffer was too small.</returns>
    [InterruptSafe]
    public static int Capture(nint* buffer, int capacity, nuint lowestFrame)
    {
        Request request = new() { Buffer = buffer, Capacity = capacity, LowestFrame = lowestFrame };
        ArchRuntime.CallWithSavedRegisters(&CaptureFrom, (nuint)(&request));
        return request.Count > capacity ? -request.Count : request.Count;
    }

    /// <summary>Walks from an interrupted instruction on, by the registers of its trap.</summary>
    /// <param name="instructionPointer">Where execution stands.</param>
    /// <param name="stackPointer">The stack pointer there.</param>
    /// <param name="framePointer">The frame pointer there (RBP on x86-64).</param>
    /// <param name="linkRegister">The register in which a call leaves its return address, on architectures that have one.</param>
    /// <param name="buffer">Receives the addresses, innermost first.</param>
    /// <param name="capacity">Its length.</param>
    /// <returns>The number of addresses written.</returns>
    /// <remarks>
    /// <para>Right at every instruction of compiled code, prologues and epilogues included, and of stubs (FrameDescriptions of the stub project). A walk that cannot go on gives the interrupted
    /// address at least. Stubs that it does not leave: where a stack is neither the one task's nor the other's (a context switch from the move to RSP on, the
    /// way to user mode and back), where another frame is about to be resumed (the end of RhpCallCatchFunclet), and what nobody called (trap entries, boot,
    /// RhpThrowHwEx, the first instructions of a task).</para>
    /// <para>Only RBP is known of the callee-saved registers, which is enough: a frame is found by RSP or RBP, and a method that uses RBP for something else has saved its caller's
    /// at a place found by RSP.</para>
    /// </remarks>
    [InterruptSafe]
    public static int CaptureFromRegisters(nuint instructionPointer, nuint stackPointer, nuint framePointer, nuint linkRegister, nint* buffer, int capacity)
    {
        LimitedContext context = LimitedContext.AtInterrupt(instructionPointer, stackPointer, framePointer, linkRegister);
        Request request = new() { Buffer = buffer, Capacity = capacity };
        Walk(&context, true, &request);
        return request.Count < capacity ? request.Count : capacity;
    }

    /// <summary>Walks the stack of a task that is switched away from, and stays so during the call. With interrupts off.</summary>
    /// <param name="thread">The task's record.</param>
    /// <param name="buffer">Receives the addresses, innermost first.</param>
    /// <param name="capacity">Its length.</param>
    /// <returns>The number of addresses written.</returns>
    public static int CaptureParked(RuntimeThread* thread, nint* buffer, int capacity)
    {
        // As the context switch left it.
        LimitedContext context = LimitedContext.FromSaved((nuint*)thread->SavedStackPointer);
        Request request = new() { Buffer = buffer, Capacity = capacity };

        // The unwinder keeps to the stack of the running task: that is this one for the moment.
        RuntimeThread* current = RuntimeThread.Current;
        RuntimeThread.SetCurrent(thread);
        Walk(&context, false, &request);
        RuntimeThread.SetCurrent(current);
        return request.Count < capacity ? request.Count : capacity;
    }

    // The stack holds the saved registers and the return address into Capture.
    [NoAlloc]
    private static void CaptureFrom(nuint stackPointer, nuint argument)
    {
        LimitedContext context = LimitedContext.FromSaved((nuint*)stackPointer);
        Walk(&context, false, (Request*)argument);
    }

    [InterruptSafe]
    private static void Walk(LimitedContext* context, bool isInterrupted, Request* request)
    {
        FrameIterator iterator;
        bool isMethod = FrameWalk.Start(&iterator, context, isInterrupted);
        while (isMethod || isInterrupted || FrameWalk.IsInStub(&iterator))
        {
            if (iterator.Registers.Sp >= request->LowestFrame)
            {
                if (request->Count < request->Capacity)
                {
                    request->Buffer[request->Count] = (nint)iterator.OriginalControlPc;
                }

                request->Count++;
            }

            if (!isMethod)
            {
                isMethod = FrameWalk.StepOutOfStub(&iterator, isInterrupted);
            }
            else if (isInterrupted)
            {
                isMethod = FrameWalk.StepInterrupted(&iterator);
            }
            else
            {
                isMethod = FrameWalk.Step(&iterator, out _);
            }

            isInterrupted = false;
        }
    }
}
