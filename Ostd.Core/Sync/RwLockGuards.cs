// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Sync;

/// <summary>Proof that an <see cref="RwLock"/> is held for reading; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwLockReadGuard
{
    private readonly bool _turnsInterruptsOn;
    private RwLock? _lock;

    internal RwLockReadGuard(RwLock rwLock, bool turnsInterruptsOn)
    {
        _lock = rwLock;
        _turnsInterruptsOn = turnsInterruptsOn;
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        RwLock? held = _lock;
        _lock = null;
        held?.ExitRead(_turnsInterruptsOn);
    }
}

/// <summary>Proof that an <see cref="RwLock"/> is held for writing; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwLockWriteGuard
{
    private readonly bool _turnsInterruptsOn;
    private RwLock? _lock;

    internal RwLockWriteGuard(RwLock rwLock, bool turnsInterruptsOn)
    {
        _lock = rwLock;
        _turnsInterruptsOn = turnsInterruptsOn;
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose()
    {
        RwLock? held = _lock;
        _lock = null;
        held?.ExitExclusive(_turnsInterruptsOn);
    }
}

/// <summary>Proof that an <see cref="RwLock"/> is held by its upgradeable reader; disposing releases it, a second time has no effect.</summary>
[MustNotCopy]
public ref struct RwLockUpgradeableGuard
{
    private readonly bool _turnsInterruptsOn;
    private RwLock? _lock;

    internal RwLockUpgradeableGuard(RwLock rwLock, bool turnsInterruptsOn)
    {
        _lock = rwLock;
        _turnsInterruptsOn = turnsInterruptsOn;
    }

    /// <summary>Makes the reader the writer, when the other readers have left: what it has read still holds. Not twice.</summary>
    public readonly void Upgrade() => _lock!.Upgrade();

    /// <summary>Takes <see cref="Upgrade"/> back: other readers may come again, and see what was written.</summary>
    public readonly void Downgrade() => _lock!.Downgrade();

    /// <summary>Releases the lock, upgraded or not.</summary>
    public void Dispose()
    {
        RwLock? held = _lock;
        _lock = null;
        held?.ExitExclusive(_turnsInterruptsOn);
    }
}
