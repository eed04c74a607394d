// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Torture;

/// <summary>Pseudo-random numbers (xorshift64*, Vigna 2016): the same for the same seed.</summary>
internal sealed class Dice
{
    private ulong _state;

    public Dice(ulong seed)
    {
        // Neighbouring seeds have to give unlike sequences, and the state must not be 0.
        _state = (seed + 1) * 0x9e37_79b9_7f4a_7c15;
        _state ^= _state >> 29;
        _state |= _state == 0 ? 1ul : 0;
        Next();
        Next();
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545_f491_4f6c_dd1d;
    }

    /// <summary>A number from 0 up to and without <paramref name="limit"/>.</summary>
    public int Below(int limit) => (int)((Next() >> 33) % (ulong)limit);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;
}
