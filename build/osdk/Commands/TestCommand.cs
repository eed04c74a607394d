// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.CommandLine;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk test</c>: runs everything that decides whether the tree is green.</summary>
internal static class TestCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var filter = new Argument<string?>("FILTER") { Description = "Only tests whose name (suite/test) contains this", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("test", "Runs all tests, or those whose name contains FILTER; with --kernel linux, the guest's tests on Debian's Linux.") { filter };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            var run = new TestRun(options.Resolve(result, "test"), result.GetValue(filter));
            // On Linux only what runs in the guest can be checked: that the tests themselves are right.
            List<ITestSuite> guest = [new CommandLineSuite(), new GuestSuite(), new ConformanceSuite(), new InteractiveSuite(), new StressSuite()];
            return run.Execute(run.IsOnLinux ? guest : [new HostSuite(), new KernelSuite(), .. guest, new VariantSuite(), new AuditSuite(), new TortureSuite()]);
        });
        return command;
    }
}
