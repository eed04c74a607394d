// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>
/// /proc/asterion/gc: the heap of C# objects and what collecting it costs, a name and a value per line (docs/collector.md). A <c>pause</c> stops the world, a <c>hold</c> keeps one CPU's
/// interrupts off. Writing <c>collect</c> collects now.
/// </summary>
[PseudoFile("/proc/asterion/gc", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class GarbageCollection : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        CollectedHeap.Report(writer, static (target, name, value) => target.Append(name).Append(' ').Append(value).Append('\n'));
        Line(writer, "last_pause_ns", CollectedHeap.LastPauseNs);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!text.TrimEnd((byte)'\n').SequenceEqual("collect"u8))
        {
            return Errno.EINVAL;
        }

        CollectedHeap.Collect();
        return Errno.Success;
    }

    private static void Line(PseudoFileWriter writer, string name, long value) => writer.Append(name).Append(' ').Append(value).Append('\n');
}
