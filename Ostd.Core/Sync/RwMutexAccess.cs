// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Sync;

/// <summary>How a task holds an <see cref="RwMutex"/>, or wants to.</summary>
internal enum RwMutexAccess : byte
{
    Read,
    Write,

    /// <summary>Reads now, beside other readers, and may become the writer.</summary>
    Upgradeable,
}
