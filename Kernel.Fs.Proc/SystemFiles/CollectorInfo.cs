// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/asterion/gc: what the garbage collector did so far, one number per line. Writing <c>collect</c> collects at once.</summary>
[PseudoFile("/proc/asterion/gc", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class CollectorInfo : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("collections ").Append(CollectedHeap.CollectionCount)
            .Append("\nlive_bytes ").Append(CollectedHeap.LiveBytes)
            .Append("\ncommitted_bytes ").Append(CollectedHeap.CommittedBytes)
            .Append("\nallocated_bytes ").Append(CollectedHeap.TotalAllocatedBytes)
            .Append("\nlast_pause_ns ").Append(CollectedHeap.LastPauseNs)
            .Append("\nlongest_pause_ns ").Append(CollectedHeap.LongestPauseNs)
            .Append("\ntotal_pause_ns ").Append(CollectedHeap.TotalPauseNs)
            .Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!text.TrimEnd((byte)'\n').SequenceEqual("collect"u8))
            return Errno.EINVAL;
        CollectedHeap.Collect();
        return Errno.Success;
    }
}
