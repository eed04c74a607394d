// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/limits: a table in fixed columns.</summary>
internal static class ProcessLimits
{
    private static readonly (string Name, string Unit)[] s_rows =
    [
        ("Max cpu time", "seconds"), ("Max file size", "bytes"), ("Max data size", "bytes"), ("Max stack size", "bytes"), ("Max core file size", "bytes"),
        ("Max resident set", "bytes"), ("Max processes", "processes"), ("Max open files", "files"), ("Max locked memory", "bytes"), ("Max address space", "bytes"),
        ("Max file locks", "locks"), ("Max pending signals", "signals"), ("Max msgqueue size", "bytes"), ("Max nice priority", ""), ("Max realtime priority", ""),
        ("Max realtime timeout", "us"),
    ];

    public static Errno Describe(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        Row(writer, "Limit", "Soft Limit", "Hard Limit", "Units");
        for (var kind = 0; kind < s_rows.Length; kind++)
        {
            var limits = subject.Process.Limits;
            Row(writer, s_rows[kind].Name, Text(limits.Soft((ResourceKind)kind)), Text(limits.Hard((ResourceKind)kind)), s_rows[kind].Unit);
        }

        return Errno.Success;
    }

    private static string Text(ulong limit) => limit == ResourceLimits.Infinity ? "unlimited" : limit.ToString(CultureInfo.InvariantCulture);

    private static void Row(PseudoFileWriter writer, string name, string soft, string hard, string unit)
    {
        Column(writer, name, 25);
        Column(writer, soft, 20);
        Column(writer, hard, 20);
        if (unit.Length > 0)
        {
            Column(writer, unit, 9);
        }

        writer.Append('\n');
    }

    private static void Column(PseudoFileWriter writer, string text, int width)
    {
        writer.Append(text);
        for (var i = text.Length; i < Math.Max(width, text.Length) + 1; i++)
        {
            writer.Append(' ');
        }
    }
}
