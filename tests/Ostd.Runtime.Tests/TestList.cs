// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime.Tests;

internal static class TestList
{
    private static int s_failures;
    private static string s_round = "";

    internal static int RunAll(string round)
    {
        s_failures = 0;
        s_round = round;
        Run("strings", LanguageTests.Strings);
        Run("collections", LanguageTests.Collections);
        Run("boxing and casts", LanguageTests.BoxingAndCasts);
        Run("array covariance", LanguageTests.ArrayCovariance);
        Run("static constructors", LanguageTests.StaticConstructors);
        Run("failing static constructor", LanguageTests.FailingStaticConstructor);
        Run("thread statics", LanguageTests.ThreadStatics);
        Run("delegates and closures", LanguageTests.Delegates);
        Run("iterators", LanguageTests.Iterators);
        Run("interlocked references", LanguageTests.InterlockedReferences);
        Run("number conversions", LanguageTests.NumberConversions);
        Run("block copies", LanguageTests.BlockCopies);
        Run("monitors", LanguageTests.Monitors);
        Run("interface dispatch", DispatchTests.Interfaces);
        Run("megamorphic dispatch", DispatchTests.Megamorphic);
        Run("variance", DispatchTests.Variance);
        Run("generic virtual methods", DispatchTests.GenericVirtualMethods);
        Run("shared generics", DispatchTests.SharedGenerics);
        Run("default interface methods", DispatchTests.DefaultInterfaceMethods);
        Run("structs behind interfaces", DispatchTests.StructsBehindInterfaces);
        Run("catch by type", ExceptionTests.CatchByType);
        Run("finally order", ExceptionTests.FinallyOrder);
        Run("filters", ExceptionTests.Filters);
        Run("filter sees locals", ExceptionTests.FilterSeesLocals);
        Run("throwing filter", ExceptionTests.ThrowingFilter);
        Run("rethrow", ExceptionTests.Rethrow);
        Run("throw in catch", ExceptionTests.ThrowInCatch);
        Run("throw in finally", ExceptionTests.ThrowInFinally);
        Run("nested deep", ExceptionTests.NestedDeep);
        Run("deep unwind", ExceptionTests.DeepUnwind);
        Run("registers survive", ExceptionTests.RegistersSurvive);
        Run("through interface call", ExceptionTests.ThroughInterfaceCall);
        Run("null references", ExceptionTests.NullReferences);
        Run("null write barriers", ExceptionTests.NullWriteBarriers);
        Run("null interface call", ExceptionTests.NullInterfaceCall);
        Run("divide by zero", ExceptionTests.DivideByZero);
        Run("divide overflow", ExceptionTests.DivideOverflow);
        Run("checked conversions", ExceptionTests.CheckedConversions);
        Run("bounds, casts, overflow", ExceptionTests.RuntimeChecks);
        Run("stack trace capture", ExceptionTests.StackTraceCapture);
        Run("exceptions know their way", TraceTests.ExceptionsKnowTheirWay);
        Run("a throw begins the trace anew", TraceTests.AThrowBeginsTheTraceAnew);
        Run("object graph", GcTests.ObjectGraph);
        Run("interior pointers", GcTests.InteriorPointers);
        Run("span end", GcTests.SpanEnd);
        Run("arrays of structs", GcTests.ArraysOfStructs);
        Run("statics are roots", GcTests.StaticsAreRoots);
        Run("thread statics are roots", GcTests.ThreadStaticsAreRoots);
        Run("weak references", GcTests.WeakReferences);
        Run("dependent handles", GcTests.DependentHandles);
        Run("memory is reclaimed", GcTests.MemoryIsReclaimed);
        Run("a slow allocation takes one cell", GcTests.ASlowAllocationTakesOneCell);
        Run("the boot heap has room", GcTests.TheBootHeapHasRoom);
        Run("large objects", GcTests.LargeObjects);
        Run("deep list", GcTests.DeepList);
        Run("wide arrays", GcTests.WideArrays);
        Run("huge arrays", GcTests.HugeArrays);
        Run("fragmentation", GcTests.Fragmentation);
        Run("frozen objects", GcTests.FrozenObjects);
        Run("out of memory", GcTests.OutOfMemory);
        Run("hash codes stay", GcTests.HashCodesStay);
        return s_failures;
    }

    /// <summary>What needs collections in steps; they must not come at every Nth allocation as well.</summary>
    internal static int RunBarriers(string round)
    {
        s_failures = 0;
        s_round = round;
        Run("barrier fields", BarrierTests.Fields);
        Run("barrier array elements", BarrierTests.ArrayElements);
        Run("barrier structs", BarrierTests.Structs);
        Run("barrier exchange", BarrierTests.Exchange);
        Run("barrier compare exchange", BarrierTests.CompareExchange);
        Run("barrier lists", BarrierTests.Lists);
        Run("barrier dictionaries", BarrierTests.Dictionaries);
        Run("barrier spans", BarrierTests.Spans);
        Run("barrier weak targets", BarrierTests.WeakTargets);
        Run("barrier abandoned cycles", BarrierTests.Abandoned);
        Run("stack that was read in an answer", StandstillTests.StackThatWasReadInAnAnswer);
        Run("concurrent memory is reclaimed", BarrierTests.MemoryIsReclaimed);
        BarrierTests.Forget();
        return s_failures;
    }

    /// <summary>What runs one instruction at a time.</summary>
    internal static int RunWalks(string round)
    {
        s_failures = 0;
        s_round = round;
        Run("walks of frames", WalkTests.Frames);
        Run("walks of tail calls", WalkTests.TailCalls);
        Run("walks of dispatch", WalkTests.Dispatch);
        Run("walks of stubs", WalkTests.Stubs);
        Run("walks of copies", WalkTests.Copies);
        Run("walks of allocations", WalkTests.Allocations);
        Run("walks of barriers", WalkTests.Barriers);
        Run("walks of exceptions", WalkTests.Exceptions);
        return s_failures;
    }

    private static void Run(string name, Action test)
    {
        // One word and a result: the form that osdk reads.
        string title = "test " + s_round + "/" + name.Replace(",", "", StringComparison.Ordinal).Replace(' ', '-') + ": ";
        try
        {
            test();
            RuntimePanic.Write(title + "ok\n");
        }
        catch (Exception e)
        {
            s_failures++;
            RuntimePanic.Write(title + "FAILED: " + e.Message + "\n");
        }
    }
}
