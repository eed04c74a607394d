// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
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
        var filter = new Argument<string[]>("FILTER")
        {
            Description = Repository.Project is not null ? "Only tests whose full name contains this" : "Only tests whose name (suite/test) contains one of these, and not those with one that has a \"!\" before it",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("test", Repository.Project is not null ? "Boots a kernel of the project's tests and runs them, or those whose name contains FILTER." : "Runs all tests, or those whose name contains FILTER; with --kernel linux, the guest's tests on Debian's Linux.") { filter };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "test");
            string[] filters = result.GetValue(filter) ?? [];
            var schedule = new TestSchedule(settings, new TestFilter(filters));
            if (Repository.Project is not null)
            {
                if (filters.Length > 1)
                {
                    throw new OsdkException("one filter at the most: it is a word of the kernel's command line");
                }
                schedule.Add(new ProjectTests(filters.FirstOrDefault()), settings.Cpus ?? 1);
            }
            else if (settings.Kernel == "linux")
            {
                // Only what runs in the guest can be checked: that the tests themselves are right. That is no question of CPUs.
                AddAll(schedule, Guest(), options.GivenCpus(result) ?? 1);
            }
            else
            {
                int[] cpuCounts = options.GivenCpus(result) is { } cpus ? [cpus] : s_cpuCounts;
                if (settings.Arch == "x64")
                {
                    AddAll(schedule, cpuCounts, settings);
                }
                else
                {
                    foreach (int count in cpuCounts)
                    {
                        AddAll(schedule, ElsewhereToo(settings.Arch!, tortureSeeds: 2), count);
                    }
                }
            }
            return schedule.Run();
        });
        return command;
    }

    // What takes long comes early among its like, so that nothing waits for it in the end.
    private static void AddAll(TestSchedule schedule, int[] cpuCounts, MachineSettings settings)
    {
        AddAll(schedule, [HostSuite.Compiler, HostSuite.Host, new AuditSuite(), new NewProjectSuite(), new ToolSuite(), new LockOrderSuite()], 1);
        if (settings is { Arch: "x64", Codegen: "ilc" })
        {
            schedule.Add(new AuditSuite(), 1, on: s => s with { Codegen = "llvm" });
        }
        foreach (int cpus in cpuCounts)
        {
            AddAll(schedule, [.. Guest(), new VariantSuite(), new KernelSuite(), new PanicSuite(), new PanicHandlerSuite(), new LockupSuite(), new ExampleSuite(), new TortureSuite(seeds: 2)], cpus);
            if (settings is { Arch: "x64", Codegen: "ilc" })
            {
                // The same kernel by this project's compiler, and on the other architectures: a check of all of them. What takes longest there comes once, with the most CPUs.
                bool isLast = cpus == cpuCounts[^1];
                foreach (ITestSuite suite in (ITestSuite[])[new ConformanceSuite(), new KernelSuite(), new TortureSuite(seeds: 1)])
                {
                    AddElsewhere(schedule, suite, cpus, isLast, s => s with { Codegen = "llvm" });
                }
                foreach (string arch in settings.Iommu == true ? [] : (string[])["riscv64", "loongarch64"])
                {
                    foreach (ITestSuite suite in ElsewhereToo(arch, tortureSeeds: 1))
                    {
                        AddElsewhere(schedule, suite, cpus, isLast, s => s with { Arch = arch });
                    }
                }
            }
            if (settings.Arch == "x64" && settings.Iommu != true)
            {
                // What has to do with devices runs once more on machines that have one; with --iommu everything does.
                schedule.Add(new KernelSuite(), cpus, on: s => s with { Iommu = true });
                schedule.Add(new DiskSuite(), cpus, on: s => s with { Iommu = true });
            }
        }
    }

    private static void AddElsewhere(TestSchedule schedule, ITestSuite suite, int cpus, bool isLast, Func<MachineSettings, MachineSettings> on)
    {
        if (isLast || suite is not (ConformanceSuite or GuestSuite or TortureSuite))
        {
            schedule.Add(suite, cpus, LoadOf(suite, cpus), on);
        }
    }

    private static void AddAll(TestSchedule schedule, IEnumerable<ITestSuite> suites, int cpus)
    {
        foreach (ITestSuite suite in suites)
        {
            schedule.Add(suite, cpus, LoadOf(suite, cpus));
        }
    }

    // Torture keeps all CPUs busy.
    private static int LoadOf(ITestSuite suite, int cpus) => suite is TortureSuite ? cpus : 1;

    // What does not need a PC, its devices or programs for it; and no C library where there is none.
    private static ITestSuite[] ElsewhereToo(string arch, int tortureSeeds) =>
        [.. arch == "loongarch64" ? (ITestSuite[])[] : [new ConformanceSuite(), new GuestSuite()], new EsbuildSuite(), new FreeSuite(), new KernelSuite(), new TortureSuite(tortureSeeds)];

    private static ITestSuite[] Guest() => [new StressSuite(), new ConformanceSuite(), new GuestSuite(), new EsbuildSuite(), new FreeSuite(), new CommandLineSuite(), new InteractiveSuite(), new DiskSuite()];
}
