// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Diagnostics;

namespace Ostd.Memory;

/// <summary>
/// Copies over user memory that resolve page faults as they go. The architecture's stub stops at the first byte it cannot reach; the fault
/// handler of the space is asked here, in ordinary task context, and the copy goes on where it stopped.
/// </summary>
internal static unsafe class UserAccess
{
    /// <summary>Reads user memory.</summary>
    /// <returns>Bytes copied: fewer than asked at a fault that could not be resolved.</returns>
    public static int CopyIn(ulong address, Span<byte> destination) =>
        SafetyChecks.AreOn && !Paging.IsUserRange(address, (uint)destination.Length) ? 0 : CopyInChecked(address, destination);

    /// <summary>As <see cref="CopyIn"/>.</summary>
    // SAFETY: the caller has checked that the range lies in user space.
    public static int CopyInChecked(ulong address, Span<byte> destination)
    {
        int done = 0;
        fixed (byte* target = destination)
        {
            while (done < destination.Length)
            {
                // SAFETY: target is pinned and has at least the remaining length; the source is a user address, and its faults are fixed up.
                nuint left = UserCopy.CopyFromUser(target + done, address + (uint)done, (nuint)(destination.Length - done));
                done = destination.Length - (int)left;
                if (left != 0 && !Resolve(address + (uint)done, PageFaultAccess.Read))
                {
                    break;
                }
            }
        }
        return done;
    }

    /// <summary>Writes user memory.</summary>
    /// <returns>Bytes copied: fewer than asked at a fault that could not be resolved.</returns>
    public static int CopyOut(ulong address, ReadOnlySpan<byte> source) =>
        SafetyChecks.AreOn && !Paging.IsUserRange(address, (uint)source.Length) ? 0 : CopyOutChecked(address, source);

    /// <summary>As <see cref="CopyOut"/>.</summary>
    // SAFETY: the caller has checked that the range lies in user space.
    public static int CopyOutChecked(ulong address, ReadOnlySpan<byte> source)
    {
        int done = 0;
        fixed (byte* from = source)
        {
            while (done < source.Length)
            {
                // SAFETY: as CopyIn, the other way round.
                nuint left = UserCopy.CopyToUser(address + (uint)done, from + done, (nuint)(source.Length - done));
                done = source.Length - (int)left;
                if (left != 0 && !Resolve(address + (uint)done, PageFaultAccess.Write))
                {
                    break;
                }
            }
        }
        return done;
    }

    /// <summary>Fills user memory.</summary>
    /// <returns>Bytes written.</returns>
    public static int Fill(ulong address, byte value, int count)
    {
        if (!Paging.IsUserRange(address, (uint)count))
        {
            return 0;
        }
        int done = 0;
        while (done < count)
        {
            // SAFETY: user addresses only, whose faults are fixed up.
            nuint left = UserCopy.Fill((void*)(address + (uint)done), value, (nuint)(count - done));
            done = count - (int)left;
            if (left != 0 && !Resolve(address + (uint)done, PageFaultAccess.Write))
            {
                break;
            }
        }
        return done;
    }

    /// <summary>Copies a string without its NUL.</summary>
    /// <returns>Its length; -1 at a fault; the buffer's length when there was no NUL within it.</returns>
    public static int CopyString(ulong address, Span<byte> buffer)
    {
        // A string may end before the end of user space: the range that may be read is cut, not refused.
        ulong room = address < Paging.UserSpaceEnd ? Paging.UserSpaceEnd - address : 0;
        int limit = (int)Math.Min(room, (uint)buffer.Length);
        int done = 0;
        fixed (byte* target = buffer)
        {
            while (done < limit)
            {
                // SAFETY: as CopyIn.
                nint result = UserCopy.CopyString(target + done, (byte*)(address + (uint)done), limit - done);
                if (result >= 0)
                {
                    done += (int)result;
                    return done == limit && limit < buffer.Length ? -1 : done;
                }
                done += (int)~result;
                if (!Resolve(address + (uint)done, PageFaultAccess.Read))
                {
                    return -1;
                }
            }
        }
        return limit < buffer.Length ? -1 : done;
    }

    /// <summary>Loads an aligned word in one access.</summary>
    /// <returns>False at a fault.</returns>
    public static bool TryLoad(ulong address, out uint value)
    {
        value = 0;
        if ((address & 3) != 0 || !Paging.IsUserRange(address, sizeof(uint)))
        {
            return false;
        }
        // SAFETY: an aligned user address, whose faults are fixed up.
        while (!UserCopy.TryLoad((uint*)address, out value))
        {
            if (!Resolve(address, PageFaultAccess.Read))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Atomically compares and exchanges an aligned word.</summary>
    /// <returns>False at a fault.</returns>
    public static bool TryCompareExchange(ulong address, uint expected, uint replacement, out uint observed)
    {
        observed = expected;
        if ((address & 3) != 0 || !Paging.IsUserRange(address, sizeof(uint)))
        {
            return false;
        }
        // SAFETY: an aligned user address, whose faults are fixed up.
        while (!UserCopy.TryCompareExchange((uint*)address, ref observed, replacement))
        {
            observed = expected;
            if (!Resolve(address, PageFaultAccess.Write))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Loads an aligned word without resolving a fault.</summary>
    public static bool TryLoadAtomically(ulong address, out uint value)
    {
        value = 0;

        // SAFETY: an aligned user address, whose faults are fixed up.
        return (address & 3) == 0 && Paging.IsUserRange(address, sizeof(uint)) && UserCopy.TryLoad((uint*)address, out value);
    }

    /// <summary>Compares and exchanges an aligned word without resolving a fault.</summary>
    public static bool TryCompareExchangeAtomically(ulong address, uint expected, uint replacement, out uint observed)
    {
        observed = expected;

        // SAFETY: as TryLoadAtomically.
        return (address & 3) == 0 && Paging.IsUserRange(address, sizeof(uint)) && UserCopy.TryCompareExchange((uint*)address, ref observed, replacement);
    }

    private static bool Resolve(ulong address, PageFaultAccess access)
    {
        Tasks.AtomicMode.MightSleep();
        IPageFaultHandler? handler = VmSpace.Current?.FaultHandler;
        return handler is not null && handler.HandlePageFault(address, access);
    }
}
