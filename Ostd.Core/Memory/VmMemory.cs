// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>What a reader or writer runs over.</summary>
internal enum VmMemoryKind : byte
{
    /// <summary>A span of kernel memory.</summary>
    Kernel,

    /// <summary>A part of an untyped frame.</summary>
    Frame,

    /// <summary>A part of a segment: untyped frames that follow one another.</summary>
    Segment,

    /// <summary>User memory of the current task: every access can fault.</summary>
    User,
}
