// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Process.Boot;

/// <summary>Samples the runnable tasks every five seconds (man 5 proc, <c>/proc/loadavg</c>).</summary>
[Component]
public sealed class LoadAverage : ILoadAverage, IInitializable
{
    private const int BinaryPlaces = 11;
    private const ulong One = 1 << BinaryPlaces;
    private const long PeriodNs = 5_000_000_000;

    /// <summary>e to the power of -5 s / 60 s, -5 s / 300 s and -5 s / 900 s, in 2048ths.</summary>
    private const ulong OneMinuteDecay = 1884;
    private const ulong FiveMinutesDecay = 2014;
    private const ulong FifteenMinutesDecay = 2037;

    private readonly Timer _timer;
    private long _nextNs;
    private ulong _one;
    private ulong _five;
    private ulong _fifteen;

    public LoadAverage() => _timer = new Timer(static state => ((LoadAverage)state!).Sample(), this);

    public (ulong OneMinute, ulong FiveMinutes, ulong FifteenMinutes) Get() => (_one, _five, _fifteen);

    public void Initialize() => Arm();

    /// <summary>One step of the damped average: rounded up while the load grows, so that it reaches the number of tasks.</summary>
    internal static ulong Decay(ulong average, ulong factor, ulong runnable)
    {
        var target = runnable * One;
        var sum = average * factor + target * (One - factor);
        if (target >= average)
            sum += One - 1;
        return sum >> BinaryPlaces;
    }

    private void Sample()
    {
        // The task that runs this callback is not load.
        var runnable = (ulong)System.Math.Max(0, Scheduling.RunnableCount - 1);
        _one = Decay(_one, OneMinuteDecay, runnable);
        _five = Decay(_five, FiveMinutesDecay, runnable);
        _fifteen = Decay(_fifteen, FifteenMinutesDecay, runnable);
        Arm();
    }

    private void Arm()
    {
        _nextNs = (_nextNs == 0 ? Clock.MonotonicNs : _nextNs) + PeriodNs;
        _timer.Arm(_nextNs);
    }
}
