// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Process.Execution;

/// <summary>Where an ELF file came to lie.</summary>
/// <param name="Bias">What was added to its addresses.</param>
/// <param name="ProgramHeaders">Address of its program headers in memory; 0 when no segment holds them.</param>
/// <param name="End">First address after its last segment: where the heap may start.</param>
internal readonly record struct LoadedElf(
    ulong Bias, ulong Entry, ulong ProgramHeaders, ulong CodeStart, ulong CodeEnd, ulong DataStart, ulong DataEnd, ulong End);

/// <summary>Maps the PT_LOAD segments of an ELF file into the active address space.</summary>
internal static class ElfLoader
{
    /// <summary>Maps the file.</summary>
    /// <param name="preferredBase">Where a position-independent file should lie; 0 to let the address space choose.</param>
    /// <returns>Any error means that the program cannot run.</returns>
    public static Result<LoadedElf> Load(IAddressSpace space, ElfFile elf, ulong preferredBase, ResourceLimits limits)
    {
        if (!ElfSegmentPlan.TryGetSpan(elf.ProgramHeaders, Paging.PageSizeBytes, out var spanStart, out var spanLength))
            return Errno.EINVAL;
        ulong bias = 0;
        if (elf.Header.Type == ElfType.Shared)
        {
            // The whole span is reserved at once, so that its segments keep their distances.
            var alignment = LargestAlignment(elf.ProgramHeaders);
            var wanted = preferredBase & ~(alignment - 1);
            var room = preferredBase == 0 ? spanLength + alignment : spanLength;
            if (room < spanLength)
                return Errno.ENOMEM;
            var flags = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_NORESERVE | (wanted == 0 ? 0 : MapFlags.MAP_FIXED_NOREPLACE);
            if (!space.Map(wanted, room, PageProtection.None, flags, null, null, 0, limits).TryGet(out var reserved, out var error))
                return error;
            var start = (reserved + alignment - 1) & ~(alignment - 1);
            var outcome = Trim(space, reserved, room, start, spanLength);
            if (outcome != Errno.Success)
                return outcome;
            bias = start - (spanStart & ~(alignment - 1));
        }

        foreach (ref readonly var header in elf.ProgramHeaders.AsSpan())
        {
            if (header.Type != ElfSegmentType.Load || header.MemorySize == 0)
                continue;
            var error = MapSegment(space, elf, header, bias, limits);
            if (error != Errno.Success)
                return error;
        }

        return Describe(elf, bias);
    }

    private static ulong LargestAlignment(ReadOnlySpan<ElfProgramHeader> headers)
    {
        // Larger wishes than a huge page are not honoured (Linux honours any power of two; no linker emits more).
        const ulong Most = 2 << 20;
        var alignment = (ulong)Paging.PageSizeBytes;
        foreach (ref readonly var header in headers)
        {
            if (header.Type == ElfSegmentType.Load && ulong.IsPow2(header.Alignment))
                alignment = Math.Max(alignment, Math.Min(header.Alignment, Most));
        }

        return alignment;
    }

    private static Errno Trim(IAddressSpace space, ulong reserved, ulong room, ulong start, ulong length)
    {
        var error = start > reserved ? space.Unmap(reserved, start - reserved) : Errno.Success;
        var end = start + length;
        return error == Errno.Success && reserved + room > end ? space.Unmap(end, reserved + room - end) : error;
    }

    private static Errno MapSegment(IAddressSpace space, ElfFile elf, in ElfProgramHeader header, ulong bias, ResourceLimits limits)
    {
        if (!ElfSegmentPlan.TryMake(header, bias, Paging.PageSizeBytes, Paging.UserSpaceEnd, out var plan))
            return Errno.EINVAL;
        if (plan.FileLength != 0)
        {
            if (!elf.File.GetMemoryObject().TryGet(out var memory, out var error))
                return error;
            error = space.Map(
                plan.FileAddress, plan.FileLength, plan.Protection, MapFlags.MAP_PRIVATE | MapFlags.MAP_FIXED, elf.File, memory, (long)plan.FileOffset, limits).Error;
            if (error != Errno.Success)
                return error;
        }

        if (plan.AnonymousLength != 0)
        {
            var error = space.Map(
                plan.AnonymousAddress, plan.AnonymousLength, plan.Protection, MapFlags.MAP_PRIVATE | MapFlags.MAP_FIXED | MapFlags.MAP_ANONYMOUS, null, null, 0, limits).Error;
            if (error != Errno.Success)
                return error;
        }

        if (plan.ZeroLength != 0)
        {
            var length = (int)plan.ZeroLength;
            var writer = VmWriter.FromUser(plan.ZeroStart, length);
            if (writer.Fill(0, length) != length)
                return Errno.EFAULT;
        }

        return Errno.Success;
    }

    private static LoadedElf Describe(ElfFile elf, ulong bias)
    {
        ulong codeStart = ulong.MaxValue, codeEnd = 0, dataStart = 0, dataEnd = 0, end = 0, programHeaders = 0;
        var headerOffset = elf.Header.ProgramHeaderOffset;
        foreach (ref readonly var header in elf.ProgramHeaders.AsSpan())
        {
            if (header.Type != ElfSegmentType.Load)
                continue;
            var start = header.Address + bias;
            var fileEnd = start + header.FileSize;
            if ((header.Flags & ElfProgramHeader.Execute) != 0)
            {
                codeStart = Math.Min(codeStart, start);
                codeEnd = Math.Max(codeEnd, fileEnd);
            }

            dataStart = Math.Max(dataStart, start);
            dataEnd = Math.Max(dataEnd, fileEnd);
            end = Math.Max(end, start + header.MemorySize);
            if (header.Offset <= headerOffset && headerOffset - header.Offset < header.FileSize)
                programHeaders = headerOffset - header.Offset + start;
        }

        return new LoadedElf(bias, elf.Header.Entry + bias, programHeaders, codeStart == ulong.MaxValue ? 0 : codeStart, codeEnd, dataStart, dataEnd, end);
    }
}
