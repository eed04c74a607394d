// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Sync;
using Ostd.Time;
using Task = Ostd.Tasks.Task;
using Timer = Ostd.Time.Timer;

namespace Ostd.Torture.Loads;

/// <summary>Timers that fire, are cancelled and armed anew, and short sleeps. A timer fires once for each time that it was armed and not cancelled.</summary>
internal sealed class TimerLoad : ITortureLoad
{
    private const long MicrosecondNs = 1000;

    private readonly WaitQueue _fired = new();
    private long _firedCount;
    private long _armedCount;
    private TortureException? _failure;

    private sealed class Shot
    {
        public required TimerLoad Owner;
        public required Graph Graph;
        public required long DeadlineNs;
        public Timer? Timer;
    }

    public string Name => "timers";

    public void Run(Dice dice)
    {
        long now = Clock.MonotonicNs;
        var shot = new Shot { Owner = this, Graph = new Graph(dice, 1), DeadlineNs = now + dice.Below(3000) * MicrosecondNs };
        shot.Timer = new Timer(static state => Fire((Shot)state!), shot);
        Interlocked.Increment(ref _armedCount);
        shot.Timer.Arm(shot.DeadlineNs);
        switch (dice.Below(4))
        {
            case 0:
                if (shot.Timer.Cancel())
                {
                    Interlocked.Decrement(ref _armedCount);
                }

                break;
            case 1:
                long until = now + dice.Below(500) * MicrosecondNs;
                TortureException.Unless(Task.SleepUntil(until), "a sleep was interrupted");
                TortureException.Unless(Clock.MonotonicNs >= until, "a sleep ended early");
                break;
            default:
                break;
        }
    }

    public void Finish()
    {
        bool haveAllFired = _fired.WaitUntil(this, static load => Volatile.Read(ref load._firedCount) == Volatile.Read(ref load._armedCount), Clock.MonotonicNs + 10_000_000_000);
        TortureException.Unless(haveAllFired, "timers that fired: " + _firedCount + " of " + _armedCount);
        if (_failure is not null)
        {
            throw _failure;
        }
    }

    private static void Fire(Shot shot)
    {
        try
        {
            TortureException.Unless(Clock.MonotonicNs >= shot.DeadlineNs, "a timer fired early");
            shot.Graph.Check();
        }
        catch (TortureException failure)
        {
            shot.Owner._failure = failure;
        }

        Interlocked.Increment(ref shot.Owner._firedCount);
        shot.Owner._fired.WakeAll();
    }
}
