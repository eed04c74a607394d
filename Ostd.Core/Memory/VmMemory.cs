// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>What a reader or writer runs over.</summary>
internal enum VmMemoryKind : byte
{
    /// <summary>A span of kernel memory.</summary>
    Kernel,

    /// <summary>A part of an untyped frame.</summary>
    Frame,

    /// <summary>User memory of the current task: every access can fault.</summary>
    User,
}

/// <summary>Checks that <see cref="VmReader"/> and <see cref="VmWriter"/> share.</summary>
internal static class VmMemory
{
    /// <summary>Throws unless the handle is good and the range lies within its page.</summary>
    // SAFETY: only the checks of Address matter here; the pointer is not used.
    public static unsafe void CheckFrameRange(Frame frame, int offset, int length) => _ = frame.Address(offset, length);
}
