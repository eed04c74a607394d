// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Sync;

/// <summary>Proof that an <see cref="RwMutex"/> is held for reading; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwMutexReadGuard
{
    private RwMutex? _mutex;

    internal RwMutexReadGuard(RwMutex mutex) => _mutex = mutex;

    /// <summary>Releases the mutex.</summary>
    public void Dispose()
    {
        RwMutex? held = _mutex;
        _mutex = null;
        held?.Release(RwMutexAccess.Read);
    }
}

/// <summary>Proof that an <see cref="RwMutex"/> is held for writing; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwMutexWriteGuard
{
    private RwMutex? _mutex;

    internal RwMutexWriteGuard(RwMutex mutex) => _mutex = mutex;

    /// <summary>Releases the mutex.</summary>
    public void Dispose()
    {
        RwMutex? held = _mutex;
        _mutex = null;
        held?.Release(RwMutexAccess.Write);
    }
}

/// <summary>Proof that an <see cref="RwMutex"/> is held by its upgradeable reader; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwMutexUpgradeableGuard
{
    private RwMutex? _mutex;

    internal RwMutexUpgradeableGuard(RwMutex mutex) => _mutex = mutex;

    /// <summary>Makes the reader the writer, when the other readers have left: what it has read still holds. Goes before all who wait. Sleeps; not twice.</summary>
    public readonly void Upgrade() => _mutex!.Upgrade();

    /// <summary>Takes <see cref="Upgrade"/> back: other readers may come again, and see what was written.</summary>
    public readonly void Downgrade() => _mutex!.Downgrade();

    /// <summary>Releases the mutex, upgraded or not.</summary>
    public void Dispose()
    {
        RwMutex? held = _mutex;
        _mutex = null;
        held?.Release(RwMutexAccess.Upgradeable);
    }
}
