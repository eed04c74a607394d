// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>Access rights of a user page.</summary>
[Flags]
public enum PageProtection : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}

/// <summary>The access that faulted.</summary>
public enum PageFaultAccess : byte
{
    Read,
    Write,
    Execute,
}
