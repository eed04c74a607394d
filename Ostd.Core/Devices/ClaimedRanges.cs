// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>Ranges of one kind of address, each with one owner.</summary>
internal sealed class ClaimedRanges
{
    private RawSpinLock _lock;
    private ClaimedRange? _first;

    /// <summary>Takes a range unless it touches one that is taken.</summary>
    public bool TryClaim(ClaimedRange range)
    {
        bool wereEnabled = _lock.Enter();
        bool isFree = true;
        for (ClaimedRange? other = _first; other is not null; other = other.Next)
        {
            isFree &= range.Start + range.Length <= other.Start || other.Start + other.Length <= range.Start;
        }

        if (isFree)
        {
            range.Next = _first;
            _first = range;
        }

        _lock.Exit(wereEnabled);
        return isFree;
    }

    /// <summary>Gives a range back; one that is not taken is left alone.</summary>
    public void Release(ClaimedRange range)
    {
        bool wereEnabled = _lock.Enter();
        ref ClaimedRange? link = ref _first;
        while (link is not null && link != range)
        {
            link = ref link.Next;
        }

        if (link is not null)
        {
            link = range.Next;
        }

        _lock.Exit(wereEnabled);
    }
}

/// <summary>A range that is taken, or to be taken. Its end is no more than the largest address.</summary>
internal sealed class ClaimedRange(ulong start, ulong length)
{
    /// <summary>The next in the list. Under its lock.</summary>
    public ClaimedRange? Next;

    public ulong Start => start;

    public ulong Length => length;
}
