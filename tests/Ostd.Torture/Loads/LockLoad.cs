// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;
using Ostd.Tasks;

namespace Ostd.Torture.Loads;

/// <summary>Two counters that each kind of lock keeps equal, with allocation and exceptions while it is held.</summary>
internal sealed class LockLoad : ITortureLoad
{
    private sealed class Guarded
    {
        public long First;
        public long Second;
        public object? Last;

        public void Change(Dice dice)
        {
            First++;
            Last = new byte[dice.Below(200)];
            TortureException.Unless(First == Second + 1, "two tasks are inside of a lock");
            Second++;
        }
    }

    private readonly SpinLock _spin = new();
    private readonly SpinLock _irqSafe = new();
    private readonly Mutex _mutex = new();
    private readonly RwMutex _rwMutex = new();
    private readonly Guarded[] _guarded = [new(), new(), new(), new()];

    public string Name => "locks";

    public void Run(Dice dice)
    {
        switch (dice.Below(5))
        {
            case 0:
                using (_spin.Acquire())
                {
                    _guarded[0].Change(dice);
                }

                break;
            case 1:
                using (_irqSafe.AcquireIrqSafe())
                {
                    _guarded[1].Change(dice);
                }

                break;
            case 2:
                using (_mutex.Acquire())
                {
                    _guarded[2].Change(dice);
                    if (dice.OneIn(8))
                    {
                        Task.Yield();
                    }
                }

                break;
            case 3:
                ThrowWhileHolding(dice);
                break;
            default:
                UseRwMutex(dice);
                break;
        }

        TortureException.Unless(!AtomicMode.IsActive, "a lock is still held");
    }

    public void Finish()
    {
        foreach (Guarded guarded in _guarded)
        {
            TortureException.Unless(guarded.First == guarded.Second, "a lock's counters differ");
            guarded.Last = null;
        }
    }

    private void ThrowWhileHolding(Dice dice)
    {
        try
        {
            using MutexGuard outer = _mutex.Acquire();
            using SpinGuard inner = _spin.Acquire();
            _guarded[0].Change(dice);
            throw new TortureException("expected");
        }
        catch (TortureException exception) when (exception.Message == "expected")
        {
        }
    }

    private void UseRwMutex(Dice dice)
    {
        if (dice.OneIn(3))
        {
            using RwMutexWriteGuard guard = _rwMutex.AcquireWrite();
            _guarded[3].Change(dice);
        }
        else
        {
            using RwMutexReadGuard guard = _rwMutex.AcquireRead();
            long first = _guarded[3].First;
            if (dice.OneIn(4))
            {
                Task.Yield();
            }

            TortureException.Unless(first == _guarded[3].Second, "a reader has met a writer");
        }
    }
}
