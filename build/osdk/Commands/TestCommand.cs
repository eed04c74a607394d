// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.CommandLine;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Projects;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk test</c>: runs everything that decides whether the tree is green.</summary>
internal static class TestCommand
{
    // Without --smp, everything that runs in a guest runs with each of these numbers of CPUs.
    private static readonly int[] s_cpuCounts = [1, 4];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var filter = new Argument<string?>("FILTER") { Description = Repository.Project is not null ? "Only tests whose full name contains this" : "Only tests whose name (suite/test) contains this", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("test", Repository.Project is not null ? "Boots a kernel of the project's tests and runs them, or those whose name contains FILTER." : "Runs all tests, or those whose name contains FILTER; with --kernel linux, the guest's tests on Debian's Linux.") { filter };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            var run = new TestRun(options.Resolve(result, "test"), result.GetValue(filter));
            if (Repository.Project is not null)
            {
                return run.Execute([], [new ProjectTests(result.GetValue(filter))], [run.Settings.Cpus ?? 1]);
            }
            List<ITestSuite> guest = [new CommandLineSuite(), new GuestSuite(), new ConformanceSuite(), new InteractiveSuite(), new StressSuite(), new DiskSuite()];
            // On Linux only what runs in the guest can be checked: that the tests themselves are right. That is no question of CPUs.
            return run.IsOnLinux
                ? run.Execute([], guest, [options.GivenCpus(result) ?? 1])
                : run.Execute([new HostSuite(), new AuditSuite(), new ToolSuite(), new LockOrderSuite(), new NewProjectSuite()], [new KernelSuite(), .. guest, new VariantSuite(), new ExampleSuite(), new PanicSuite(), new LockupSuite(), new TortureSuite()], options.GivenCpus(result) is { } cpus ? [cpus] : s_cpuCounts);
        });
        return command;
    }
}
