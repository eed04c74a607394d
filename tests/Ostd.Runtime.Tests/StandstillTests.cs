// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ostd.Runtime.Tests;

/// <summary>
/// A CPU that stands still for another one in <see cref="World.Answer"/> and then goes on with the same task. The collector may look through the task's stack meanwhile, and what the task
/// takes onto its stack afterwards, before it stands still for the end of marking, must not be lost.
/// </summary>
internal static unsafe class StandstillTests
{
    private sealed class Victim
    {
        internal readonly int Number = 4711;
    }

    private static ulong s_drainNs;

    /// <summary>The stack is looked through inside of the answer; only a stack holds the object from then on.</summary>
    internal static void StackThatWasReadInAnAnswer()
    {
        // SAFETY: static methods never go away; one CPU runs these tests, so no other is asked.
        World.Install(&Nothing, &Nothing, &CallNobody, &MarkStacks);
        for (int round = 0; round < 3; round++)
        {
            Run();
        }

        World.Install(null, null, null, null);
    }

    private static void Run()
    {
        while (GarbageCollector.StepCycle())
        {
        }

        GCHandle weak = Make();
        WipeStack(64);
        World.Answer();
        Check.True(GarbageCollector.IsCycleWanted, "marking goes on after the answer");

        // In memory and not in a register, which the rest of the collection would save where it looks itself. Not by way of an "out": such a store goes through the write barrier.
        object? victim = weak.Target;
        Check.True(IsThere(ref victim), "the object is there before the end of marking");
        FinishElsewhere();
        Check.True(IsAlive(weak), "an object that only a stack held was taken for dead");
        Check.Equal(4711, NumberOf(ref victim), "number");
        weak.Free();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GCHandle Make() => GCHandle.Alloc(new Victim(), GCHandleType.Weak);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsThere(ref object? victim) => victim != null;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int NumberOf(ref object? victim) => ((Victim)victim!).Number;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsAlive(GCHandle weak) => weak.Target != null;

    // What was on the stack deeper than here is no root any more.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WipeStack(int depth)
    {
        Span<ulong> words = stackalloc ulong[16];
        words.Fill((ulong)depth);
        if (depth > 0)
        {
            WipeStack(depth - 1);
        }

        Check.Equal(depth, (int)words[depth & 15], "stack");
    }

    // The rest of the collection on another task's account: this one stands still, with all that it holds above this frame, and is read only if it counts as having run.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FinishElsewhere()
    {
        WipeStack(64);

        // SAFETY: the other record has the part of the stack below this frame, on which all of the rest runs; the running task's record is made current again before the return. These tests run with
        // interrupts off.
        nuint boundary = 0;
        nuint stackPointer = (nuint)(&boundary);
        RuntimeThread* current = RuntimeThread.Current;
        RuntimeThread* other = RuntimeThread.Create(current->StackLow, stackPointer);
        other->SavedStackPointer = 0;
        current->SavedStackPointer = stackPointer;
        RuntimeThread.SetCurrent(other);
        while (GarbageCollector.StepCycle())
        {
        }

        RuntimeThread.SetCurrent(current);
        current->SavedStackPointer = 0;
        RuntimeThread.Destroy(other);
    }

    private static void Nothing()
    {
    }

    private static void CallNobody(delegate*<void> function)
    {
    }

    // The collector on another CPU, as this one sees it while it stands still: up to the point where all stacks are looked through and the heap's turn has come.
    private static void MarkStacks()
    {
        s_drainNs = DrainNs();
        while (DrainNs() == s_drainNs && GarbageCollector.StepCycle())
        {
        }
    }

    private static ulong DrainNs()
    {
        for (int phase = 0; phase < GcReport.PhaseCount; phase++)
        {
            if (GcReport.PhaseName(phase) == "mark_heap")
            {
                return GcReport.PhaseNs(phase);
            }
        }

        return 0;
    }
}
