// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>The compiler's record of a class constructor that runs lazily.</summary>
#pragma warning disable CS0649 // the compiler's output assigns the fields
internal unsafe struct ClassConstructorContext
{
    internal long State;
    internal nint Code;
    internal nint Failure;
    internal long Owner;
    internal nint TypeName;
}
#pragma warning restore CS0649

/// <summary>
/// Runs class constructors (ECMA-335, II.10.5.3): once; a thread that meets its own goes on with what is there; one that threw throws TypeInitializationException
/// each time. It needs no class constructor itself. There is one thread, so nobody waits.
/// </summary>
internal static unsafe class ClassConstructors
{
    private const long Done = 0;
    private const long NotRun = 1;
    private const long Running = 2;
    private const long Failed = 3;

    [RuntimeExport("AsterionEnsureClassConstructor")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Ensure(ClassConstructorContext* context)
    {
        if (System.Threading.Volatile.Read(ref context->State) != Done)
        {
            Run(context);
        }
    }

    [RuntimeExport("AsterionRunClassConstructor")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Run(ClassConstructorContext* context)
    {
        if (context->State == Running)
        {
            return;
        }

        if (context->State == NotRun)
        {
            context->State = Running;
            try
            {
                ((delegate*<void>)context->Code)();
                System.Threading.Volatile.Write(ref context->State, Done);
                return;
            }
            catch (Exception failure)
            {
                context->Failure = Unsafe.As<Exception, nint>(ref failure);
                context->State = Failed;
            }
        }

        if (context->State == Failed)
        {
            throw new TypeInitializationException(Unsafe.As<nint, string>(ref context->TypeName), Unsafe.As<nint, Exception>(ref context->Failure));
        }
    }
}
