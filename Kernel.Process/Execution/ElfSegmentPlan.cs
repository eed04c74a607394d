// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Kernel.Process.Execution;

/// <summary>How one PT_LOAD segment goes into memory, with page-rounded numbers. A part that is empty has length 0.</summary>
/// <param name="Protection">Of all its pages.</param>
/// <param name="FileAddress">Page address of the part that comes from the file.</param>
/// <param name="FileOffset">Page-aligned offset in the file.</param>
/// <param name="FileLength">Bytes to map from the file: not rounded up.</param>
/// <param name="ZeroStart">First byte after the file's data; zeros from here to the end of its page, if the segment is writable.</param>
/// <param name="AnonymousAddress">Page address of the part that is all zeros.</param>
internal readonly record struct ElfSegmentPlan(
    PageProtection Protection, ulong FileAddress, ulong FileOffset, ulong FileLength, ulong ZeroStart, ulong ZeroLength, ulong AnonymousAddress, ulong AnonymousLength)
{
    /// <summary>
    /// Checks a segment and rounds it to pages. What Linux's loader finds wrong only when mapping fails is found here: sizes that wrap, a file part larger than the memory part, an address
    /// and an offset that differ within the page, and anything beyond user space.
    /// </summary>
    public static bool TryMake(in ElfProgramHeader header, ulong bias, int pageSizeBytes, ulong userSpaceEnd, out ElfSegmentPlan plan)
    {
        plan = default;
        var pageMask = (ulong)pageSizeBytes - 1;
        var start = unchecked(header.Address + bias);
        if (header.FileSize > header.MemorySize || header.MemorySize > userSpaceEnd || start > userSpaceEnd - header.MemorySize)
            return false;
        var inPage = start & pageMask;
        if (header.FileSize != 0 && ((header.Offset & pageMask) != inPage || header.Offset > long.MaxValue - header.FileSize))
            return false;

        var fileEnd = start + header.FileSize;
        var memoryEnd = start + header.MemorySize;
        var fileLength = header.FileSize == 0 ? 0 : header.FileSize + inPage;
        var anonymousStart = header.FileSize == 0 ? start & ~pageMask : (fileEnd + pageMask) & ~pageMask;
        var anonymousEnd = (memoryEnd + pageMask) & ~pageMask;
        var zeroEnd = Math.Min(memoryEnd, anonymousStart);
        plan = new ElfSegmentPlan(
            ProtectionOf(header.Flags),
            start & ~pageMask,
            header.Offset - (header.FileSize == 0 ? 0 : inPage),
            fileLength,
            fileEnd,
            header.FileSize != 0 && header.MemorySize > header.FileSize && (header.Flags & ElfProgramHeader.Write) != 0 && zeroEnd > fileEnd
                ? anonymousStart - fileEnd : 0,
            anonymousStart,
            anonymousEnd > anonymousStart ? anonymousEnd - anonymousStart : 0);
        return true;
    }

    /// <summary>The part of the address space that all PT_LOAD segments span, from the first one's page to the last one's end.</summary>
    /// <returns>False when there is none, or when it wraps.</returns>
    public static bool TryGetSpan(ReadOnlySpan<ElfProgramHeader> headers, int pageSizeBytes, out ulong start, out ulong length)
    {
        start = ulong.MaxValue;
        length = 0;
        ulong end = 0;
        foreach (ref readonly var header in headers)
        {
            if (header.Type != ElfSegmentType.Load)
                continue;
            if (header.MemorySize > ulong.MaxValue - header.Address)
                return false;
            start = Math.Min(start, header.Address & ~((ulong)pageSizeBytes - 1));
            end = Math.Max(end, header.Address + header.MemorySize);
        }

        if (start == ulong.MaxValue || end <= start || end > ulong.MaxValue - (ulong)pageSizeBytes)
            return false;
        length = (end - start + (ulong)pageSizeBytes - 1) & ~((ulong)pageSizeBytes - 1);
        return true;
    }

    private static PageProtection ProtectionOf(uint flags) =>
        ((flags & ElfProgramHeader.Read) != 0 ? PageProtection.Read : 0)
        | ((flags & ElfProgramHeader.Write) != 0 ? PageProtection.Write : 0)
        | ((flags & ElfProgramHeader.Execute) != 0 ? PageProtection.Execute : 0);
}
