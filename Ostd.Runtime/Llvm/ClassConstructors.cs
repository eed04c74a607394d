// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>The compiler's record of a class constructor that runs lazily.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ClassConstructorContext
{
    internal long State;
    internal nint Code;

    // Exception; the record stands where the collector looks for references.
    internal nint Failure;
    internal nint Owner;

    // String.
    internal nint TypeName;
}

/// <summary>
/// Runs class constructors (ECMA-335, II.10.5.3): once; a thread that meets its own, or that would wait for one which waits for it, goes on with what is there; one that threw throws
/// TypeInitializationException each time. This class needs no class constructor itself.
/// </summary>
// SAFETY: contexts are the image's data, and change under s_lock, but for State, which is also read without it: it becomes "done" after all that the constructor stored. Owners are records
// of tasks that are inside of Run, and so exist.
internal static unsafe class ClassConstructors
{
    private const long Done = 0;
    private const long NotRun = 1;
    private const long Running = 2;
    private const long Failed = 3;

    private static RuntimeLock s_lock;

    [RuntimeExport("AsterionEnsureClassConstructor")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Ensure(ClassConstructorContext* context)
    {
        if (Volatile.Read(ref context->State) != Done)
        {
            Run(context);
        }
    }

    [RuntimeExport("AsterionRunClassConstructor")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Run(ClassConstructorContext* context)
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        while (true)
        {
            nuint flags = s_lock.Enter();
            long state = context->State;
            bool goesOn = state == Done || (state == Running && WaitsFor((RuntimeThread*)context->Owner, thread));
            if (state == NotRun)
            {
                context->State = Running;
                context->Owner = (nint)thread;
            }

            thread->AwaitedConstructor = state == Running && !goesOn ? context : null;
            s_lock.Exit(flags);
            switch (state)
            {
                case NotRun:
                    RunNow(context);
                    break;
                case Failed:
                    throw new TypeInitializationException(Unsafe.As<nint, string>(ref context->TypeName), Unsafe.As<nint, Exception>(ref context->Failure));
                default:
                    if (goesOn)
                    {
                        return;
                    }

                    ThreadingExports.Yield();
                    break;
            }
        }
    }

    // Whether a task is another one, or waits for what it owns. With the lock held.
    private static bool WaitsFor(RuntimeThread* task, RuntimeThread* wanted)
    {
        while (task != wanted)
        {
            ClassConstructorContext* awaited = (ClassConstructorContext*)task->AwaitedConstructor;
            if (awaited == null || awaited->State != Running)
            {
                return false;
            }

            task = (RuntimeThread*)awaited->Owner;
        }

        return true;
    }

    private static void RunNow(ClassConstructorContext* context)
    {
        try
        {
            ((delegate*<void>)context->Code)();
            Volatile.Write(ref context->State, Done);
        }
        catch (Exception failure)
        {
            context->Failure = Unsafe.As<Exception, nint>(ref failure);
            WriteBarrier.Shade((nuint)context->Failure);
            Volatile.Write(ref context->State, Failed);
        }
    }
}
