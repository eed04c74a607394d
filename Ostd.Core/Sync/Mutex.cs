// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Sync;

/// <summary>A sleeping lock, not recursive. Not in interrupt handlers or atomic mode.</summary>
public sealed class Mutex
{
    public MutexGuard Acquire() => throw new NotSupportedException();
}

/// <summary>Proof that a <see cref="Mutex"/> is held.</summary>
public ref struct MutexGuard
{
    public void Dispose() => throw new NotSupportedException();
}

/// <summary>A sleeping readers-writer lock; writers are not starved.</summary>
public sealed class RwMutex
{
    public RwMutexReadGuard AcquireRead() => throw new NotSupportedException();

    public RwMutexWriteGuard AcquireWrite() => throw new NotSupportedException();
}

public ref struct RwMutexReadGuard
{
    public void Dispose() => throw new NotSupportedException();
}

public ref struct RwMutexWriteGuard
{
    public void Dispose() => throw new NotSupportedException();
}
