// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Abstractions.Files;

/// <summary>Seals of a memory file (man 2 fcntl, "File Sealing").</summary>
[Flags]
public enum FileSeals
{
    None = 0,
    F_SEAL_SEAL = 1,
    F_SEAL_SHRINK = 2,
    F_SEAL_GROW = 4,
    F_SEAL_WRITE = 8,
    F_SEAL_FUTURE_WRITE = 16,
}

/// <summary>Implemented by inodes that can be sealed.</summary>
public interface ISealable
{
    /// <summary>The seals it has.</summary>
    FileSeals Seals { get; }

    /// <summary>Adds seals: EPERM when F_SEAL_SEAL is set, EBUSY for F_SEAL_WRITE while writable shared mappings exist.</summary>
    Errno AddSeals(FileSeals seals);
}
