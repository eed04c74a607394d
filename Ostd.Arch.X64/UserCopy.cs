// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>
/// Accesses to user memory that stop at a fault instead of crashing. The caller has checked that the range lies in user space: these functions would read and write kernel
/// memory as well.
/// </summary>
public static unsafe class UserCopy
{
    /// <summary>Copies from user memory, in ascending order.</summary>
    /// <returns>Bytes not copied: 0 on success. Otherwise the access at <paramref name="source"/> plus what was copied faulted.</returns>
    // SAFETY: the kernel side is the caller's; the user side's faults are fixed up.
    public static nuint CopyFromUser(void* destination, ulong source, nuint length) => Copy(destination, (void*)source, length);

    /// <summary>Copies to user memory, in ascending order.</summary>
    /// <returns>Bytes not copied: 0 on success. Otherwise the access at <paramref name="destination"/> plus what was copied faulted.</returns>
    // SAFETY: as CopyFromUser.
    public static nuint CopyToUser(ulong destination, void* source, nuint length) => Copy((void*)destination, source, length);

    // SAFETY: as CopyFromUser; either side may be the user's.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchUserCopy")]
    private static extern nuint Copy(void* destination, void* source, nuint length);

    /// <summary>Fills bytes.</summary>
    /// <returns>Bytes not written: 0 on success.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchUserFill")]
    public static extern nuint Fill(void* destination, byte value, nuint length);

    /// <summary>Copies a zero-terminated string into kernel memory, the zero included.</summary>
    /// <returns>Length without the zero; <paramref name="limit"/> when none was met within the limit; at a fault, the bitwise complement of the bytes copied before it.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchUserCopyString")]
    public static extern nint CopyString(byte* destination, byte* source, nint limit);

    /// <summary>Compares and exchanges one aligned word indivisibly. <paramref name="expected"/> gets what was there.</summary>
    /// <returns>False at a fault.</returns>
    public static bool TryCompareExchange(uint* address, ref uint expected, uint desired)
    {
        uint found = expected;
        bool isDone = CompareExchange32(address, &found, desired) != 0;
        expected = found;
        return isDone;
    }

    /// <summary>Reads one aligned word indivisibly.</summary>
    /// <returns>False at a fault.</returns>
    public static bool TryLoad(uint* address, out uint value)
    {
        uint found = 0;
        bool isDone = Load32(address, &found) != 0;
        value = found;
        return isDone;
    }

    /// <summary>If the instruction is one of this class's that may fault, where to go on.</summary>
    [InterruptSafe]
    public static bool TryFindFixup(ulong instructionPointer, out ulong fixup)
    {
        // SAFETY: the table is the stubs' own; rows are pairs of addresses.
        for (ulong* row = (ulong*)FixupTable(); row < (ulong*)FixupTableEnd(); row += 2)
        {
            if (row[0] == instructionPointer)
            {
                fixup = row[1];
                return true;
            }
        }

        fixup = 0;
        return false;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchUserCompareExchange32")]
    private static extern int CompareExchange32(uint* address, uint* expected, uint desired);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchUserLoad32")]
    private static extern int Load32(uint* address, uint* value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchFixupTable")]
    private static extern nint FixupTable();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchFixupTableEnd")]
    private static extern nint FixupTableEnd();
}
