// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using Ostd;

namespace Kernel.Memory.Buddy;

/// <summary>
/// A set of block numbers that finds its smallest member in a few steps, whatever its size: a bit for each number, and above each level of words one that has a bit for each word that is not zero.
/// </summary>
internal sealed class BlockSet
{
    private const int WordShift = 6;
    private const int WordMask = (1 << WordShift) - 1;

    // The numbers themselves at 0; a single word at the end.
    private readonly ulong[][] _levels;

    /// <summary>Makes an empty set.</summary>
    /// <param name="limit">One past the largest number that it can hold; at least 1.</param>
    public BlockSet(int limit)
    {
        var depth = 1;
        for (var words = WordCount(limit); words > 1; words = WordCount(words))
            depth++;

        _levels = new ulong[depth][];
        var count = limit;
        for (var level = 0; level < depth; level++)
        {
            count = WordCount(count);
            _levels[level] = new ulong[count];
        }
    }

    /// <summary>Whether there is nothing in it.</summary>
    [InterruptSafe]
    public bool IsEmpty => _levels[^1][0] == 0;

    /// <summary>Puts a number in.</summary>
    [InterruptSafe]
    public void Add(int number)
    {
        foreach (var words in _levels)
        {
            ref var word = ref words[number >> WordShift];
            var wasEmpty = word == 0;
            word |= 1ul << (number & WordMask);
            if (!wasEmpty)
                return;

            number >>= WordShift;
        }
    }

    /// <summary>Takes a number out.</summary>
    /// <returns>False when it is not in the set, or larger than any that can be.</returns>
    [InterruptSafe]
    public bool Remove(int number)
    {
        var numbers = _levels[0];
        if ((uint)(number >> WordShift) >= (uint)numbers.Length || (numbers[number >> WordShift] >> (number & WordMask) & 1) == 0)
            return false;

        foreach (var words in _levels)
        {
            ref var word = ref words[number >> WordShift];
            word &= ~(1ul << (number & WordMask));
            if (word != 0)
                break;

            number >>= WordShift;
        }

        return true;
    }

    /// <summary>Takes the smallest number out of a set that is not empty.</summary>
    [InterruptSafe]
    public int TakeFirst()
    {
        var number = 0;
        for (var level = _levels.Length - 1; level >= 0; level--)
            number = (number << WordShift) + BitOperations.TrailingZeroCount(_levels[level][number]);

        Remove(number);
        return number;
    }

    private static int WordCount(int bits) => (int)((uint)(bits + WordMask) >> WordShift);
}
