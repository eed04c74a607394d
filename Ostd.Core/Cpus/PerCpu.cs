// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Cpus;

/// <summary>A value for each CPU. Access needs a guard, so that the task cannot migrate meanwhile.</summary>
public sealed class PerCpu<T> where T : class
{
    private readonly T[] _values;

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
    public T Get(in Tasks.PreemptGuard guard)
    {
        _ = guard;
        return _values[ThisCpu.Id];
    }
}
