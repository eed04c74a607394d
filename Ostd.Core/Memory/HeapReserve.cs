// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <summary>
/// What the kernel does when the heap of objects is full. A system call finds out before it begins something (<see cref="HasRoom"/>) or by an <see cref="System.OutOfMemoryException"/>; ends of processes and
/// files, which give memory back, run on a reserve.
/// </summary>
[MustNotCopy]
public ref struct HeapReserve
{
    // More than any system call needs: no exception ends one half way that asked before.
    private const ulong MarginBytes = 1024 * 1024;

    private bool _isActive;

    /// <summary>Whether a new object of the user's (process, open file, mapping, name) may be made. Without room it is ENOMEM.</summary>
    public static bool HasRoom => HasRoomFor(0);

    /// <summary>The same for an object of unusual size.</summary>
    public static bool HasRoomFor(long sizeBytes)
    {
        if (TaskHosting.IsHosted)
        {
            return true;
        }

        if (HeapFailure.FailsHere())
        {
            return false;
        }

        // Below half of the frame allocator's reserve all that is left is for objects that exist.
        return HeapLimit.HasRoom(MarginBytes + (ulong)sizeBytes) && FrameAllocator.FreePages > FrameAllocator.ReservePages / 2;
    }

    /// <summary>Lets the running task use the reserve until the guard is disposed.</summary>
    public static HeapReserve Enter()
    {
        if (TaskHosting.IsHosted)
        {
            return default;
        }

        HeapLimit.EnterReserve();
        return new HeapReserve { _isActive = true };
    }

    /// <summary>The running task begins a system call.</summary>
    /// <param name="meetsFailures">Its allocations may be made to fail (<see cref="AllocationFailures"/>).</param>
    public static void BeginCall(bool meetsFailures)
    {
        if (!TaskHosting.IsHosted && HeapFailure.IsOn)
        {
            HeapFailure.SetMayFail(meetsFailures || HeapFailure.IsWaitingForNth);
        }
    }

    /// <summary>The call is over, by an exception or not.</summary>
    public static void EndCall()
    {
        if (!TaskHosting.IsHosted)
        {
            HeapFailure.SetMayFail(false);
            HeapLimit.EndOutOfMemory();
        }
    }

    /// <summary>Ends the use of the reserve.</summary>
    public void Dispose()
    {
        if (_isActive)
        {
            _isActive = false;
            HeapLimit.LeaveReserve();
        }
    }
}
