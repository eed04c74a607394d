// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Cpus;

/// <summary>A value for each CPU. Access needs a guard, so that the task cannot migrate meanwhile.</summary>
public sealed class PerCpu<T> where T : class
{
    private readonly T[] _values;

    /// <summary>Makes a value for each CPU of the machine.</summary>
    /// <param name="create">Makes the value of the CPU whose number it gets; called for each, on the CPU that runs this.</param>
    public PerCpu(Func<int, T> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        _values = new T[Cpu.Count];
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = create(i);
        }
    }

    /// <summary>Another CPU's value, for sums.</summary>
    public T this[int cpu] => _values[cpu];

    /// <summary>This CPU's value.</summary>
    /// <exception cref="InvalidOperationException">The guard is <c>default</c> or disposed: preemption is on, and the task could be on another CPU the next moment.</exception>
    public T Get(in Tasks.PreemptGuard guard)
    {
        _ = guard;
        if (ThisCpu.PreemptCount == 0)
        {
            throw new InvalidOperationException("Preemption is on: the guard is empty.");
        }

        return _values[ThisCpu.Id];
    }
}
