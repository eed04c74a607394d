// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Sync;

/// <summary>The locks that one task, or the interrupt handlers of one CPU, hold, in the order in which they were taken. Its owner's alone.</summary>
internal sealed class HeldLocks
{
    private const int Capacity = 24;

    private static bool s_hasAnyOverflowed;

    private readonly object?[] _locks = new object?[Capacity];
    private readonly int[] _nodes = new int[Capacity];
    private bool _hasOverflowed;

    /// <summary>True when more locks were held at once than there is room for.</summary>
    public static bool HasAnyOverflowed => Volatile.Read(ref s_hasAnyOverflowed);

    public int Count { get; private set; }

    [InterruptSafe]
    public object? LockAt(int index) => _locks[index];

    [InterruptSafe]
    public int NodeAt(int index) => _nodes[index];

    [InterruptSafe]
    public void Push(object taken, int node)
    {
        if (Count == Capacity)
        {
            _hasOverflowed = true;
            s_hasAnyOverflowed = true;
            return;
        }

        _locks[Count] = taken;
        _nodes[Count] = node;
        Count++;
    }

    /// <summary>Takes a lock out, wherever it stands: locks need not be released in order.</summary>
    /// <returns>False when it is not there, and should be.</returns>
    [InterruptSafe]
    public bool Remove(object released)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_locks[i] != released)
            {
                continue;
            }

            Count--;
            for (int j = i; j < Count; j++)
            {
                _locks[j] = _locks[j + 1];
                _nodes[j] = _nodes[j + 1];
            }

            _locks[Count] = null;
            return true;
        }

        return _hasOverflowed;
    }

    public void Clear()
    {
        while (Count > 0)
        {
            _locks[--Count] = null;
        }
    }
}
