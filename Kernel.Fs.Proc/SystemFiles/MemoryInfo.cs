// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.PageCache;
using Ostd.Memory;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/meminfo. What is not kept apart is not listed: free(1) and top(1) read what is here.</summary>
[PseudoFile("/proc/meminfo", Stage = InitStage.Late)]
public sealed class MemoryInfo(PageCounters pages) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var total = ToKilobytes(PhysicalMemory.TotalPages);
        var free = ToKilobytes(PhysicalMemory.FreePages);
        var cached = ToKilobytes(pages.CachedPages);
        Line(writer, "MemTotal:", total);
        Line(writer, "MemFree:", free);
        Line(writer, "MemAvailable:", free);
        Line(writer, "Buffers:", 0);
        Line(writer, "Cached:", cached);
        Line(writer, "SwapCached:", 0);
        Line(writer, "Unevictable:", cached);
        Line(writer, "Mlocked:", 0);
        Line(writer, "SwapTotal:", 0);
        Line(writer, "SwapFree:", 0);
        Line(writer, "Dirty:", 0);
        Line(writer, "Writeback:", 0);
        Line(writer, "Shmem:", cached);
        Line(writer, "SReclaimable:", 0);
        return Errno.Success;
    }

    private static long ToKilobytes(long pageCount) => pageCount << Paging.PageShift >> 10;

    private static void Line(PseudoFileWriter writer, string label, long kilobytes)
    {
        writer.Append(label);
        for (var i = label.Length; i < 16; i++)
        {
            writer.Append(' ');
        }

        writer.AppendPadded(kilobytes, 8).Append(" kB\n");
    }
}
