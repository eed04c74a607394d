// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Devices;
using Ostd;

namespace Kernel.Drivers.VirtioConsole;

/// <summary>Input: buffers go to the device, come back filled, are given to the terminal in their order, and go to the device again. As long as the terminal takes nothing, they stay here, and the device waits.</summary>
internal sealed partial class ConsolePort
{
    /// <summary>Buffers delivered in one go; a device that never calms down must not keep other deferred work waiting.</summary>
    private const int MaxRounds = 64;

    private readonly byte[] _staging = new byte[ReceiveBufferLength];

    // Guarded by _lock. Filled buffers in the order in which the device used them, the bytes in each, and how many of the first one's the terminal has taken.
    private readonly int[] _filled = new int[ReceiveBuffers];
    private readonly int[] _lengths = new int[ReceiveBuffers];
    private int _filledCount;
    private int _taken;
    private uint _flushCount;
    private bool _isOpen;

    public void ResumeInput() => _work.Queue();

    public void FlushInput()
    {
        using var guard = _lock.AcquireIrqSafe();
        _flushCount++;
        while (_filledCount > 0)
        {
            RecycleFirstLocked();
        }

        _receiveQueue.Kick();
    }

    public Errno OnOpen(bool isFirst)
    {
        if (_device.IsBroken)
        {
            return Errno.EIO;
        }

        using (_lock.AcquireIrqSafe())
        {
            _isOpen = true;
        }

        _work.Queue();
        return Errno.Success;
    }

    /// <summary>What comes in while nobody listens stays in the buffers, so that what was typed ahead is not lost.</summary>
    public void OnLastClose()
    {
        using var guard = _lock.AcquireIrqSafe();
        _isOpen = false;
    }

    // As many buffers as the device has can come back, and none of them twice: the loop ends, whatever the device does meanwhile.
    [InterruptSafe]
    private void ReceiveLocked()
    {
        while (_receiveQueue.TryTake(out var buffer, out var length))
        {
            _filled[_filledCount++] = buffer;
            _lengths[buffer] = (int)length;
        }

        _work.Queue();
    }

    private void OfferLocked(int buffer)
        => _ = _receiveQueue.TryAdd([VirtioBuffer.FromDevice(_memory, buffer * ReceiveBufferLength, ReceiveBufferLength)], buffer);

    private void RecycleFirstLocked()
    {
        var buffer = _filled[0];
        _filledCount--;
        Array.Copy(_filled, 1, _filled, 0, _filledCount);
        _taken = 0;
        OfferLocked(buffer);
    }

    /// <summary>Task context: gives what came in to the terminal, and tells it of room for output.</summary>
    private void Deliver()
    {
        if (_line is not { } line)
        {
            return;
        }

        var round = 0;
        while (round < MaxRounds && DeliverBuffer(line))
        {
            round++;
        }

        if (round == MaxRounds)
        {
            _work.Queue();
        }

        bool hasProgress;
        using (_lock.AcquireIrqSafe())
        {
            hasProgress = _hasProgress;
            _hasProgress = false;
        }

        if (hasProgress)
        {
            line.OnOutputProgress();
        }
    }

    /// <summary>Gives the rest of the first buffer to the terminal.</summary>
    /// <returns>False when there is nothing, or the terminal does not take all of it.</returns>
    private bool DeliverBuffer(Kernel.Abstractions.Terminals.ITerminalLine line)
    {
        int count;
        uint flushCount;
        using (_lock.AcquireIrqSafe())
        {
            if (_filledCount == 0 || !_isOpen)
            {
                return false;
            }

            // Copied once: what the device writes there later changes nothing.
            var buffer = _filled[0];
            count = _lengths[buffer] - _taken;
            var reader = _memory.Reader(buffer * ReceiveBufferLength + _taken, count);
            _ = reader.Read(_staging.AsSpan(0, count));
            flushCount = _flushCount;
        }

        var taken = count > 0 ? line.Receive(_staging.AsSpan(0, count)) : 0;
        using (_lock.AcquireIrqSafe())
        {
            if (flushCount == _flushCount)
            {
                _taken += taken;
                if (taken == count)
                {
                    RecycleFirstLocked();
                    _receiveQueue.Kick();
                }
            }
        }

        return taken == count;
    }
}
