// SPDX-License-Identifier: MPL-2.0

using System.Numerics;

namespace Ostd.Runtime;

/// <summary>Lengths of pauses in nanoseconds: counts by powers of two, each in four parts.</summary>
// SAFETY: indices are those of IndexOf, below BucketCount, or checked against it.
public unsafe struct PauseHistogram
{
    /// <summary>Powers of two that are told apart; from 2^40 ns on all is one.</summary>
    public const int PowerCount = 40;

    private const int Parts = 4;
    private const int BucketCount = PowerCount * Parts;

    private fixed uint _buckets[BucketCount];

    /// <summary>How many there were.</summary>
    public uint Count { get; private set; }

    /// <summary>The longest.</summary>
    public ulong LongestNs { get; private set; }

    /// <summary>Their sum.</summary>
    public ulong TotalNs { get; private set; }

    [NoAlloc]
    internal void Record(ulong ns)
    {
        _buckets[IndexOf(ns)]++;
        Count++;
        TotalNs += ns;
        if (ns > LongestNs)
        {
            LongestNs = ns;
        }
    }

    /// <summary>How many were from 2^power up to below 2^(power+1) nanoseconds.</summary>
    public readonly uint CountOf(int power)
    {
        uint count = 0;
        for (int i = 0; i < Parts && (uint)power < PowerCount; i++)
        {
            count += _buckets[power * Parts + i];
        }

        return count;
    }

    /// <summary>A length that the given share of all did not exceed: at most a quarter too high, and never above the longest.</summary>
    /// <param name="perMille">The share, in thousandths.</param>
    public readonly ulong Quantile(uint perMille)
    {
        ulong wanted = ((ulong)Count * perMille + 999) / 1000;
        ulong count = 0;
        for (int i = 0; i < BucketCount; i++)
        {
            count += _buckets[i];
            if (count >= wanted && count > 0)
            {
                ulong end = EndOf(i);
                return end < LongestNs ? end : LongestNs;
            }
        }

        return LongestNs;
    }

    [NoAlloc]
    private static int IndexOf(ulong ns)
    {
        int power = BitOperations.Log2(ns | 1);
        if (power >= PowerCount)
        {
            return BucketCount - 1;
        }

        return power * Parts + (power < 2 ? 0 : (int)(ns >> (power - 2)) & (Parts - 1));
    }

    private static ulong EndOf(int index)
    {
        int power = index / Parts;
        return (1ul << power) + ((ulong)(index % Parts + 1) << power) / Parts;
    }
}
