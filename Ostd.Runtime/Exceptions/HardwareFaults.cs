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

    /// <summary>
    /// Rewrites the trapped registers so that returning from the trap throws. Only for faults of compiled C# code and of the runtime's leaf helpers, on a
    /// task that may throw (not in interrupt or atomic context: the caller checks).
    /// </summary>
    /// <param name="fault">What happened.</param>
    /// <param name="instructionPointer">RIP of the trap frame.</param>
    /// <param name="stackPointer">RSP of the trap frame.</param>
    /// <param name="argument0">RDI of the trap frame.</param>
    /// <param name="argument1">RSI of the trap frame.</param>
    /// <returns>False when the fault came from elsewhere; nothing is changed then.</returns>
    [InterruptSafe]
    public static bool TryRaise(HardwareFault fault, ref ulong instructionPointer, ref ulong stackPointer, ref ulong argument0, ref ulong argument1)
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
            // SAFETY: leaf helpers never move RSP, so their return address is at its top.
            ip = *(ulong*)sp;
            sp += 8;
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
