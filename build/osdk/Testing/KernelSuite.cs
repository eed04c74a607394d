// SPDX-License-Identifier: MPL-2.0

using System.IO;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Tests that run in the kernel: images that run their <c>[KernelTest]</c>s, or the runtime's own tests, and power off.</summary>
internal sealed class KernelSuite : ITestSuite
{
    private const int RuntimeTestsPassed = 33;

    /// <summary>QEMU's arguments for the devices of tests/Kernel.Tests.Iommu: one that reads and writes where it is told, and one whose interrupt it tries to raise.</summary>
    public static string[] TestDevices { get; } = ["-device", "edu,dma_mask=0xffffffffffffffff", "-device", "virtio-rng-pci"];

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        if (run.Settings.Iommu != true && run.Settings.Arch == "x64")
        {
            // The runtime alone has nothing to do with devices; its tests read x86-64 code.
            RunImage(run, "tests/Ostd.Runtime.Tests", RuntimeTestsPassed);
        }
        RunImage(run, "tests/Kernel.Image.Tests", 0);
    }

    private void RunImage(TestRun run, string project, int goodStatus)
    {
        string name = $"{Name}/{Path.GetFileName(project)}";
        if (!Directory.Exists(Repository.File(project)) || !run.Selects(name))
        {
            return;
        }
        MachineSettings settings = run.Settings with
        {
            Image = project,
            Initramfs = "", // no program runs
            // The later word wins: the results are in the kernel's log.
            KernelArguments = [.. run.Settings.KernelArguments, "kernel.test", "loglevel=7"],
            QemuArguments = [.. run.Settings.QemuArguments, .. run.Settings.Arch == "x64" ? TestDevices : []],
            TimeoutSeconds = 300,
        };
        var observer = new KernelTestResults(run, name);
        MachineEnd end = new GuestMachine(settings).RunObserved(GuestMachine.NewToken(), observer, $"kernel-{Path.GetFileName(project)}.log");
        observer.Complete();
        if (end.HasTimedOut)
        {
            run.Fail(name, "not done after 300 s", end.Log);
        }
        else if (end.QemuStatus != goodStatus && observer.FailedCount == 0)
        {
            run.Fail(name, $"QEMU left with {end.QemuStatus}", end.Log);
        }
        else if (observer.FailedCount == 0)
        {
            run.Count();
            run.Note($"{name}: {observer.PassedCount} tests passed");
        }
    }
}
