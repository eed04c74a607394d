// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Time;
using Ostd.Cpus;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Random;

/// <summary>
/// The kernel's random numbers: ChaCha20 with fast key erasure. Each request derives a key of its own and overwrites the pool's key, so that a later leak of the pool tells nothing about
/// what was given out before. The pool is reseeded from the hardware every minute.
/// </summary>
[Component(Stage = InitStage.Early)]
public sealed class RandomSource : IRandomSource
{
    private const long ReseedIntervalNs = 60_000_000_000;

    private readonly SpinLock _lock = new();
    private readonly byte[] _key = new byte[ChaCha20.KeyBytes];
    private long _reseedAtNs;

    public void Fill(Span<byte> destination)
    {
        Span<byte> key = stackalloc byte[ChaCha20.KeyBytes];
        Span<byte> block = stackalloc byte[ChaCha20.BlockBytes];
        ReadOnlySpan<byte> nonce = stackalloc byte[12];
        TakeKey(key, block, nonce);
        for (uint counter = 0; !destination.IsEmpty; counter++)
        {
            ChaCha20.Block(key, counter, nonce, block);
            var length = Math.Min(destination.Length, block.Length);
            block[..length].CopyTo(destination);
            destination = destination[length..];
        }

        key.Clear();
        block.Clear();
    }

    /// <inheritdoc/>
    public void Mix(ReadOnlySpan<byte> bytes)
    {
        Span<byte> block = stackalloc byte[ChaCha20.BlockBytes];
        ReadOnlySpan<byte> nonce = stackalloc byte[12];
        using (_lock.AcquireIrqSafe())
        {
            while (!bytes.IsEmpty)
            {
                var length = Math.Min(bytes.Length, _key.Length);
                for (var i = 0; i < length; i++)
                {
                    _key[i] ^= bytes[i];
                }

                bytes = bytes[length..];
                ChaCha20.Block(_key, 0, nonce, block);
                block[..ChaCha20.KeyBytes].CopyTo(_key);
            }
        }

        block.Clear();
    }

    private void TakeKey(Span<byte> key, Span<byte> block, ReadOnlySpan<byte> nonce)
    {
        Span<byte> seed = stackalloc byte[ChaCha20.KeyBytes];
        using var guard = _lock.AcquireIrqSafe();
        if (Clock.MonotonicNs >= _reseedAtNs)
        {
            HardwareRandom.Fill(seed);
            for (var i = 0; i < _key.Length; i++)
            {
                _key[i] ^= seed[i];
            }

            seed.Clear();
            _reseedAtNs = Clock.MonotonicNs + ReseedIntervalNs;
        }

        ChaCha20.Block(_key, 0, nonce, block);
        block[..ChaCha20.KeyBytes].CopyTo(_key);
        block[ChaCha20.KeyBytes..].CopyTo(key);
    }
}
