// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <content>The way to the block: tp.</content>
public static partial class ThisCpu
{
    /// <summary>Completes the boot CPU's block, to which the boot code has pointed tp. The first thing that the kernel does.</summary>
    // SAFETY: the block is the boot code's, which nobody else knows yet.
    public static unsafe void InitializeBootCpu()
    {
        *(int*)(Block + PerCpuLayout.HolderId) = HolderIdOf(0);
        *(int*)(Block + PerCpuLayout.Preemption) = 1;
    }
}
