// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>What a fault means to C#.</summary>
public enum HardwareFault
{
    /// <summary>An access below 64 KiB: a null reference.</summary>
    NullReference,

    /// <summary>A division by zero.</summary>
    DivideByZero,

    /// <summary>A quotient that does not fit.</summary>
    IntegerOverflow,

    /// <summary>An access to a device's register that was given back.</summary>
    RegisterGivenBack,

    /// <summary>The end of the stack; the caller has made room below it for the throw.</summary>
    StackOverflow,
}

/// <summary>Turns a CPU's fault in kernel mode into an exception of the code that faulted.</summary>
// SAFETY: the image's table is constant data; registers are the trap frame's.
public static unsafe class HardwareFaults
{
    /// <summary>Accesses below this address are null dereferences.</summary>
    public const ulong NullLimit = 0x1_0000;

    // CoreLib's HwExceptionCode.
    private const uint CodeNullReference = 0;
    private const uint CodeHelperNullReference = 66;

    // CoreLib asks the runtime for the exception of this one (ExceptionMiscExports). It means thread aborts, of which there are none here.
    private const uint CodeOfRuntime = 67;
    private const uint CodeDivideByZero = 0xC000_0094;
    private const uint CodeOverflow = 0xC000_0095;

    /// <summary>The exception of a code.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2201", Justification = "This is the runtime that the exceptions are reserved for.")]
    internal static System.Exception MakeException(uint code) => code switch
    {
        CodeOfRuntime => ExceptionMiscExports.GetThreadAbortException(),
        CodeDivideByZero => new System.DivideByZeroException(),
        CodeOverflow => new System.OverflowException(),
        _ => new System.NullReferenceException(),
    };

    /// <summary>
    /// Rewrites the trapped registers so that returning from the trap throws. Only for faults of compiled C# code and of the runtime's leaf helpers, on a
    /// task that may throw (not in interrupt or atomic context: the caller checks).
    /// </summary>
    /// <param name="fault">What happened.</param>
    /// <param name="instructionPointer">The address in the trap frame.</param>
    /// <param name="stackPointer">The stack pointer in the trap frame.</param>
    /// <param name="argument0">The register of a first argument in the trap frame.</param>
    /// <param name="argument1">The register of a second argument in the trap frame.</param>
    /// <param name="linkRegister">The register in which a call leaves its return address, on architectures that have one.</param>
    /// <returns>False when the fault came from elsewhere; nothing is changed then.</returns>
    [InterruptSafe]
    public static bool TryRaise(HardwareFault fault, ref ulong instructionPointer, ref ulong stackPointer, ref ulong argument0, ref ulong argument1, ulong linkRegister)
    {
        ImageTable* image = ArchRuntime.ImageTable();
        uint code = fault switch
        {
            HardwareFault.NullReference => CodeNullReference,
            HardwareFault.DivideByZero => CodeDivideByZero,
            HardwareFault.StackOverflow or HardwareFault.RegisterGivenBack => CodeOfRuntime,
            _ => CodeOverflow,
        };

        ulong ip = instructionPointer;
        ulong sp = stackPointer;
        bool isReturnAddress = false;
        if (ip >= image->LeafStart && ip < image->LeafEnd)
        {
            LimitedContext.ReturnFromLeaf(ref ip, ref sp, linkRegister);
            code = code == CodeNullReference ? CodeHelperNullReference : code;
            isReturnAddress = true;
        }

        // Return addresses may stand at a method's very end; the lookup of what is to be unwound takes that into account.
        if (!MethodInfo.TryFind((nuint)(isReturnAddress ? ip - 1 : ip), out _))
        {
            return false;
        }

        RuntimeThread.Current->LastFault = fault;
        argument0 = code;
        argument1 = ip;
        stackPointer = sp;
        instructionPointer = image->ThrowHardware;
        return true;
    }
}
