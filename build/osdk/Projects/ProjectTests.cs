// SPDX-License-Identifier: MPL-2.0

using System;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Projects;

/// <summary>The tests of the project that osdk was started in, in a kernel made of them; the filter is applied there, to the tests' full names.</summary>
internal sealed class ProjectTests(string? filter) : ITestSuite
{
    private const double DefaultLimitSeconds = 300;

    /// <inheritdoc/>
    public string Name => "test";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        if (filter?.AsSpan().ContainsAny(" \"\t") == true)
        {
            throw new OsdkException("a filter is one word of the kernel's command line: no blanks and no quotes");
        }
        MachineSettings settings = run.Settings with
        {
            // The later word wins: the results are in the kernel's log.
            KernelArguments = [.. run.Settings.KernelArguments, filter is null ? "kernel.test" : "kernel.test=" + filter, "loglevel=7"],
            TimeoutSeconds = run.Settings.TimeoutSeconds ?? DefaultLimitSeconds,
        };
        var machine = new GuestMachine(settings, ProjectBuild.MakeTests(settings));
        var results = new KernelTestResults(run, Name);
        MachineEnd end = machine.RunObserved(GuestMachine.NewToken(), results, "test.log");
        results.Complete();
        if (end.HasTimedOut)
        {
            run.Fail(Name, $"not done after {settings.TimeoutSeconds} s", end.Log);
        }
        else if (results.PassedCount + results.FailedCount == 0)
        {
            run.Fail(Name, filter is null ? "there are no tests" : $"no test's name contains \"{filter}\"", end.Log);
        }
        else if (end.QemuStatus != 0 && results.FailedCount == 0)
        {
            run.Fail(Name, $"the kernel did not get to the end of the tests (QEMU status {end.QemuStatus})", end.Log);
        }
    }
}
