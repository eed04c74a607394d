// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>
/// /proc/asterion/heap_fail: how often allocations fail on purpose, for threads whose <c>/proc/pid/make-it-fail</c> is 1. Takes the interval, 0 for never, and after it a seed, if distances are to vary.
/// </summary>
[PseudoFile("/proc/asterion/heap_fail", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HeapFailures : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("interval ").Append(AllocationFailures.Interval).Append("\nseed ").Append(AllocationFailures.Seed);
        writer.Append("\nfailed ").Append(AllocationFailures.Count).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        const uint largest = int.MaxValue;
        var end = text.IndexOf((byte)' ');
        long seed = 0;
        if (!SettingText.TryParseNumber(end < 0 ? text : text[..end], out var interval) || (end >= 0 && !SettingText.TryParseNumber(text[(end + 1)..], out seed))
            || interval is < 0 or > largest || seed is < 0 or > largest)
        {
            return Errno.EINVAL;
        }

        AllocationFailures.Configure((uint)interval, (uint)seed);
        return Errno.Success;
    }
}
