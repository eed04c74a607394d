// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Proc.SystemFiles;
using Ostd.Memory;

namespace Kernel.Fs.Proc.Processes;

/// <summary>
/// /proc/pid/make-it-fail and fail-nth: which threads meet the allocations that fail on purpose (Linux, Documentation/fault-injection). Both want CAP_SYS_RESOURCE here: while failures are on, all allocation is slow.
/// </summary>
internal static class AllocationFailureFiles
{
    public static Errno Describe(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        writer.Append(subject.Thread.Attributes.MeetsAllocationFailures ? "1\n" : "0\n");
        return Errno.Success;
    }

    public static Errno Set(ReadOnlySpan<byte> text, ProcessSubject subject, IThread writer)
    {
        if (!writer.Credentials.HasCapability(Capability.CAP_SYS_RESOURCE))
        {
            return Errno.EPERM;
        }

        if (!SettingText.TryParseNumber(text, out var value) || value is not (0 or 1))
        {
            return Errno.EINVAL;
        }

        subject.Thread.Attributes.MeetsAllocationFailures = value == 1;
        return Errno.Success;
    }

    /// <summary>What is left until the failure: only the thread itself is told, whose count it is.</summary>
    public static Errno DescribeNth(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        if (!ReferenceEquals(reader, subject.Thread))
        {
            return Errno.EPERM;
        }

        writer.Append(AllocationFailures.Nth).Append('\n');
        return Errno.Success;
    }

    public static Errno SetNth(ReadOnlySpan<byte> text, ProcessSubject subject, IThread writer)
    {
        if (!ReferenceEquals(writer, subject.Thread) || !writer.Credentials.HasCapability(Capability.CAP_SYS_RESOURCE))
        {
            return Errno.EPERM;
        }

        if (!SettingText.TryParseNumber(text, out var value) || value is < 0 or > int.MaxValue)
        {
            return Errno.EINVAL;
        }

        AllocationFailures.Nth = (uint)value;
        return Errno.Success;
    }
}
