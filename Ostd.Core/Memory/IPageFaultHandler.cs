// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>Resolves page faults of a <see cref="VmSpace"/>. Runs in task context with interrupts on; may sleep.</summary>
public interface IPageFaultHandler
{
    /// <summary>Makes the page accessible.</summary>
    /// <returns>True to retry the access; false when it is not allowed (the copy stops short).</returns>
    bool HandlePageFault(ulong address, PageFaultAccess access);
}
