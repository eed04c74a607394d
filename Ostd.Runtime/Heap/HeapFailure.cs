// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Allocations that fail on purpose, as Linux's fault injection has them (Documentation/fault-injection): of the tasks that <see cref="SetMayFail"/> named one in so many, or the Nth that a task makes from now on.
/// </summary>
// SAFETY: a task's record is changed by the task itself only; the rest is changed under the heap's lock.
public static unsafe class HeapFailure
{
    private static uint s_interval;
    private static uint s_seed;
    private static uint s_random;
    private static uint s_countdown;
    private static bool s_isOn;

    /// <summary>
    /// True from the first use on until the interval is set to 0. CPUs have no caches meanwhile, since what comes out of a cache cannot fail.
    /// </summary>
    public static bool IsOn => s_isOn;

    /// <summary>The distance between failures; 0 for none. The kernel parameter <c>heap.fail</c>.</summary>
    public static uint Interval => s_interval;

    /// <summary>Where the distances come from; 0 when all are the same.</summary>
    public static uint Seed => s_seed;

    /// <summary>Allocations that were made to fail since boot.</summary>
    public static long Count { get; private set; }

    /// <summary>Sets the interval.</summary>
    /// <param name="interval">0 for no failures, 1 for nothing but failures.</param>
    /// <param name="seed">0 to fail at every Nth allocation; otherwise distances vary from 1 to twice the interval.</param>
    public static void Configure(uint interval, uint seed)
    {
        nuint flags = GcHeap.Lock.Enter();
        s_interval = interval;
        s_seed = seed;
        s_random = seed;
        s_countdown = NextDistance();
        s_isOn = interval != 0;
        GcHeap.Lock.Exit(flags);
        EmptyCaches();
    }

    /// <summary>Says whether allocations of the running task may be made to fail.</summary>
    public static void SetMayFail(bool mayFail) => ArchRuntime.GetThread()->MayFail = mayFail ? 1 : 0;

    /// <summary>Whether the running task waits for its Nth allocation.</summary>
    public static bool IsWaitingForNth => ArchRuntime.GetThread()->FailNth != 0;

    /// <summary>What is left until the running task's Nth allocation; 0 when it has failed or none was asked for.</summary>
    public static uint Nth
    {
        get => ArchRuntime.GetThread()->FailNth;
        set
        {
            ArchRuntime.GetThread()->FailNth = value;
            if (value != 0 && !s_isOn)
            {
                s_isOn = true;
                EmptyCaches();
            }
        }
    }

    /// <summary>As if the running task allocated here: for what asks whether there is room.</summary>
    public static bool FailsHere()
    {
        if (!s_isOn)
        {
            return false;
        }

        nuint flags = GcHeap.Lock.Enter();
        bool fails = FailsLocked();
        GcHeap.Lock.Exit(flags);
        return fails;
    }

    /// <summary>Whether this allocation is the one that has to fail. With the heap's lock held.</summary>
    internal static bool FailsLocked()
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        if (!s_isOn || thread->MayFail == 0 || thread->IsOutOfMemory != 0 || thread->ReserveDepth != 0)
        {
            return false;
        }

        bool fails = false;
        if (thread->FailNth != 0)
        {
            fails = --thread->FailNth == 0;
        }
        else if (s_interval != 0 && --s_countdown == 0)
        {
            s_countdown = NextDistance();
            fails = true;
        }

        Count += fails ? 1 : 0;
        return fails;
    }

    // A collection takes the cells out of all CPUs' caches; from then on every allocation comes to GcHeap.Allocate.
    private static void EmptyCaches()
    {
        if (s_isOn)
        {
            GarbageCollector.Collect();
        }
    }

    // Marsaglia's xorshift with 32 bits.
    private static uint NextDistance()
    {
        if (s_seed == 0)
        {
            return s_interval;
        }

        s_random ^= s_random << 13;
        s_random ^= s_random >> 17;
        s_random ^= s_random << 5;
        return 1 + s_random % (2 * s_interval);
    }
}
