// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Brings the managed world up. The first thing that the kernel's entry does.</summary>
public static unsafe class RuntimeHost
{
    /// <summary>
    /// Makes everything of C# work that does not need other CPUs, devices or interrupts: allocation (from the boot heap), statics, dispatch,
    /// exceptions. Needs the boot stack, a <see cref="RuntimeThread"/> in the per-CPU block and nothing else. Called once.
    /// </summary>
    public static void Initialize()
    {
        // SAFETY: the table is constant data of the image, laid out as ImageTable says.
        ImageTable* image = ArchRuntime.ImageTable();
        RuntimeThread.InitializeBoot(image);
        GcHeap.Initialize(image);
        ExceptionTables.Initialize(image);
        ProgramImage.Start(image);
    }
}
