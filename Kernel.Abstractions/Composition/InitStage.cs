// SPDX-License-Identifier: MPL-2.0

namespace Kernel.Abstractions.Composition;

/// <summary>
/// When a component is initialised. First all components are built, stage by stage and within a stage in dependency order; then those that are
/// <see cref="IInitializable"/> are initialised in the same order. A component may depend on components of its own stage or of an earlier one.
/// </summary>
public enum InitStage
{
    /// <summary>Logging, clocks, entropy: what everything else needs to report or to measure.</summary>
    Early,

    /// <summary>The subsystems: memory, processes, scheduler, VFS, IPC. The default.</summary>
    Core,

    /// <summary>What sits on the subsystems: file systems, drivers, the network stack, the system call surface.</summary>
    Late,

    /// <summary>What starts user space: unpacking the initramfs, the first process.</summary>
    Init,
}
