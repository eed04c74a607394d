// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Cpus;
using Ostd.Tasks;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Per-CPU storage, and what a client can pass as the proof that its task stays on the CPU.</summary>
public class PerCpuTests
{
    [Fact]
    public void Get_UnderAGuard_GivesTheCpusValue()
    {
        var values = new PerCpu<string>(static cpu => "cpu " + cpu);
        using PreemptGuard guard = PreemptGuard.Disable();

        Assert.Equal("cpu 0", values.Get(in guard));
    }

    [Fact]
    public void Get_WithADefaultOrDisposedGuard_Throws()
    {
        var values = new PerCpu<string>(static cpu => "cpu " + cpu);

        Assert.Throws<InvalidOperationException>(() => values.Get(default));
        Assert.Throws<InvalidOperationException>(() =>
        {
            PreemptGuard guard = PreemptGuard.Disable();
            guard.Dispose();
            values.Get(in guard);
        });
    }
}
