// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Syscalls;

/// <summary><c>struct iovec</c> of the 64-bit ABIs.</summary>
public readonly record struct IoVector(ulong Address, ulong LengthBytes)
{
    /// <summary>UIO_MAXIOV: the most elements of one call.</summary>
    public const int MaximumCount = 1024;

    /// <summary>The most bytes of one call (MAX_RW_COUNT): a page less than 2 GiB, as in Linux.</summary>
    public const int MaximumTotalBytes = 0x7ffff000;
}
