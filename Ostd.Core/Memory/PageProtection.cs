// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>Access rights of a user page.</summary>
[Flags]
public enum PageProtection : byte
{
    /// <summary>No access.</summary>
    None = 0,
    /// <summary>Loads.</summary>
    Read = 1,
    /// <summary>Stores; on all architectures with loads.</summary>
    Write = 2,
    /// <summary>Instruction fetches.</summary>
    Execute = 4,
}

/// <summary>The access that faulted.</summary>
public enum PageFaultAccess : byte
{
    /// <summary>A load.</summary>
    Read,
    /// <summary>A store, or an operation that loads and stores.</summary>
    Write,
    /// <summary>An instruction fetch.</summary>
    Execute,
}
