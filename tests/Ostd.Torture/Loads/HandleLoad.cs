// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Torture.Loads;

/// <summary>GC handles of each kind. A strong one keeps its object; a weak one never leads to a dead object; a dependent one keeps its second object as long as the first lives.</summary>
// SAFETY: a handle is used by the worker that took it out of its slot alone, and freed once.
internal sealed class HandleLoad : ITortureLoad
{
    private sealed class Entry
    {
        // Only the handle keeps it.
        public GCHandle Strong;
        public GCHandle Pinned;
        public GCHandle Weak;
        public GCHandle WeakToDropped;
        public DependentHandle Dependent;
        public required object Key;
    }

    private readonly Entry?[] _slots = new Entry?[32];
    private long _handlesFreed;

    public string Name => "handles";

    public void Run(Dice dice)
    {
        Entry created = Create(dice);
        ref Entry? slot = ref _slots[dice.Below(_slots.Length)];
        if (Interlocked.Exchange(ref slot, created) is { } old)
        {
            CheckAndFree(old);
        }
    }

    public void Finish()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] is { } entry)
            {
                CheckAndFree(entry);
                _slots[i] = null;
            }
        }
    }

    private static Entry Create(Dice dice)
    {
        object key = new();
        byte[] pinned = new byte[1 + dice.Below(100)];
        pinned[0] = 77;
        var kept = new Graph(dice, 2);
        return new Entry
        {
            Key = key,
            Strong = GCHandle.Alloc(kept),
            Pinned = GCHandle.Alloc(pinned, GCHandleType.Pinned),
            Weak = GCHandle.Alloc(kept, GCHandleType.Weak),
            WeakToDropped = GCHandle.Alloc(new Graph(dice, 1), GCHandleType.Weak),
            Dependent = new DependentHandle(key, new Graph(dice, 1)),
        };
    }

    private void CheckAndFree(Entry entry)
    {
        var strong = (Graph?)entry.Strong.Target;
        TortureException.Unless(strong is not null, "a strong handle has lost its object");
        strong!.Check();
        TortureException.Unless(entry.Weak.Target == strong, "a weak handle has lost an object that is alive");
        // Alive or not; but if it leads somewhere, it must be to the object.
        ((Graph?)entry.WeakToDropped.Target)?.Check();
        TortureException.Unless(((byte[]?)entry.Pinned.Target)?[0] == 77, "a pinned handle has lost its object");
        (object? key, object? dependent) = entry.Dependent.TargetAndDependent;
        TortureException.Unless(key == entry.Key, "a dependent handle has lost its key");
        TortureException.Unless(dependent is Graph, "a dependent handle has lost its second object");
        ((Graph)dependent!).Check();
        entry.Strong.Free();
        entry.Pinned.Free();
        entry.Weak.Free();
        entry.WeakToDropped.Free();
        entry.Dependent.Dispose();
        Interlocked.Add(ref _handlesFreed, 5);
    }
}
