// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;

namespace Ostd.Arch;

/// <summary>Copies from and to the user memory of the hosted machine, through its software MMU.</summary>
public static unsafe class UserCopy
{
    /// <summary>Copies from user memory.</summary>
    /// <returns>Bytes not copied: 0 on success.</returns>
    // SAFETY: the kernel side belongs to the caller; user pages are translated one by one.
    public static nuint CopyFromUser(void* destination, ulong source, nuint length)
    {
        byte* target = (byte*)destination;
        while (length > 0)
        {
            if (!PageTableRegister.TryTranslate(source, isWrite: false, out ulong physical))
            {
                break;
            }
            nuint chunk = ToPageEnd(source, length);
            Buffer.MemoryCopy(PhysicalMap.ToPointer(physical), target, chunk, chunk);
            target += chunk;
            source += chunk;
            length -= chunk;
        }
        return length;
    }

    /// <summary>Copies to user memory.</summary>
    /// <returns>Bytes not copied: 0 on success.</returns>
    // SAFETY: as CopyFromUser.
    public static nuint CopyToUser(ulong destination, void* source, nuint length)
    {
        byte* from = (byte*)source;
        while (length > 0)
        {
            if (!PageTableRegister.TryTranslate(destination, isWrite: true, out ulong physical))
            {
                break;
            }
            nuint chunk = ToPageEnd(destination, length);
            Buffer.MemoryCopy(from, PhysicalMap.ToPointer(physical), chunk, chunk);
            from += chunk;
            destination += chunk;
            length -= chunk;
        }
        return length;
    }

    /// <summary>Fills bytes.</summary>
    /// <returns>Bytes not written: 0 on success.</returns>
    // SAFETY: as CopyFromUser.
    public static nuint Fill(void* destination, byte value, nuint length)
    {
        ulong address = (ulong)destination;
        while (length > 0)
        {
            if (!PageTableRegister.TryTranslate(address, isWrite: true, out ulong physical))
            {
                break;
            }
            nuint chunk = ToPageEnd(address, length);
            new Span<byte>(PhysicalMap.ToPointer(physical), (int)chunk).Fill(value);
            address += chunk;
            length -= chunk;
        }
        return length;
    }

    /// <summary>Copies a zero-terminated string into kernel memory, the zero included.</summary>
    /// <returns>Length without the zero; <paramref name="limit"/> when none was met within the limit; at a fault, the bitwise complement of the bytes copied before it.</returns>
    // SAFETY: as CopyFromUser.
    public static nint CopyString(byte* destination, byte* source, nint limit)
    {
        for (nint copied = 0; copied < limit; copied++)
        {
            if (!PageTableRegister.TryTranslate((ulong)source + (ulong)copied, isWrite: false, out ulong physical))
            {
                return ~copied;
            }
            destination[copied] = *PhysicalMap.ToPointer(physical);
            if (destination[copied] == 0)
            {
                return copied;
            }
        }
        return limit;
    }

    /// <summary>Compares and exchanges one aligned word indivisibly. <paramref name="expected"/> gets what was there.</summary>
    /// <returns>False at a fault.</returns>
    // SAFETY: as CopyFromUser; the word is aligned.
    public static bool TryCompareExchange(uint* address, ref uint expected, uint desired)
    {
        if (!PageTableRegister.TryTranslate((ulong)address, isWrite: true, out ulong physical))
        {
            return false;
        }
        expected = Interlocked.CompareExchange(ref *(uint*)PhysicalMap.ToPointer(physical), desired, expected);
        return true;
    }

    /// <summary>Reads one aligned word indivisibly.</summary>
    /// <returns>False at a fault.</returns>
    // SAFETY: as CopyFromUser; the word is aligned.
    public static bool TryLoad(uint* address, out uint value)
    {
        value = 0;
        if (!PageTableRegister.TryTranslate((ulong)address, isWrite: false, out ulong physical))
        {
            return false;
        }
        value = Volatile.Read(ref *(uint*)PhysicalMap.ToPointer(physical));
        return true;
    }

    private static nuint ToPageEnd(ulong address, nuint length) =>
        (nuint)Math.Min(length, (1UL << PageTableFormat.PageShift) - (address & ((1UL << PageTableFormat.PageShift) - 1)));
}
