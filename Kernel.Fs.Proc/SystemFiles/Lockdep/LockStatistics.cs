// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Sync;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/lockdep_stats of debug kernels: what lock-order checking knows, and how many violations it has reported.</summary>
[PseudoFile("/proc/lockdep_stats", Mode = 0x100, Stage = InitStage.Late)]
public sealed class LockStatistics : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        Line(writer, " lock-classes:                  ", LockOrder.Classes);
        Line(writer, " direct dependencies:           ", LockOrder.Dependencies);
        writer.Append(" reports:                       ").Append(LockOrder.ReportCount).Append('\n');
        writer.Append(" debug_locks:                   ").Append(LockOrder.IsIncomplete ? "0\n" : "1\n");
        return Errno.Success;
    }

    private static void Line(PseudoFileWriter writer, string name, (int Count, int Limit) value) =>
        writer.Append(name).Append(value.Count).Append(" [max: ").Append(value.Limit).Append("]\n");
}
