// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>
/// What a page of physical memory is used for: the low part of its metadata word. A positive one is the reference counts of an
/// untyped frame, the only kind that a client can hold; every other kind is negative and has no <see cref="Frame"/> handle.
/// </summary>
internal static class FrameState
{
    /// <summary>Between two states: being taken or given back.</summary>
    public const int Busy = 0;

    /// <summary>An untyped frame with one reference, a client's.</summary>
    public const int Untyped = 1;

    /// <summary>Not the allocator's: no RAM, firmware, kernel image, boot modules.</summary>
    public const int Reserved = -1;

    /// <summary>Inside a free block, or free and known to a policy.</summary>
    public const int Free = -2;

    /// <summary>A page table.</summary>
    public const int PageTable = -3;

    /// <summary>The kernel's heap.</summary>
    public const int Heap = -4;

    /// <summary>A kernel stack.</summary>
    public const int Stack = -5;

    /// <summary>The frame metadata itself.</summary>
    public const int Metadata = -6;

    /// <summary>Memory of <see cref="Devices.DmaCoherent"/>, in use or to be used again. It never becomes anything else.</summary>
    public const int Dma = -7;

    /// <summary>Tables and queues of the IOMMU.</summary>
    public const int Remapping = -8;

    /// <summary>In the cache of free single pages.</summary>
    public const int Cached = -9;

    /// <summary>First page of a free block of order n: this minus n.</summary>
    public const int FreeBlock = -32;
}
