// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>The C programs of <c>tests/free</c>, which need no C library: what system calls have to do, on every architecture, on the initial file system without busybox. They pass on Linux too.</summary>
internal sealed class FreeSuite : ITestSuite
{
    private const string GuestFolder = "osdk/free";

    /// <summary>What a program of these tests consists of beside their own files and its <c>main</c>.</summary>
    public static string[] Harness => [Path.Combine(Folder, "harness.c"), Path.Combine(Folder, "harness.h")];

    /// <summary>The files with tests.</summary>
    public static string[] TestSources => [.. Directory.GetFiles(Folder, "*.c").Where(file => Path.GetFileName(file) is not ("harness.c" or "main.c")).Order(StringComparer.Ordinal)];

    private static string Folder => Repository.File("tests", "free");

    /// <inheritdoc/>
    public string Name => "free";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        string[] programs = [.. TestSources.Select(file => Path.GetFileNameWithoutExtension(file)).Where(name => run.Selects($"{Name}/{name}"))];
        if (programs.Length == 0)
        {
            return;
        }
        MachineSettings settings = run.Settings with
        {
            Userland = MachineSettings.FreeUserland,
            QemuArguments = [.. run.Settings.QemuArguments, "-device", "virtio-rng-pci" + QemuCommandLine.VirtioOptions(run.Settings)],
            // Tells devices.c of the device.
            KernelArguments = [.. run.Settings.KernelArguments, "test.hwrng"],
        };
        string[] binaries = [.. programs.Select(program => FreePrograms.Compile(program, settings.Arch!, [Path.Combine(Folder, program + ".c"), Path.Combine(Folder, "main.c"), .. Harness]))];
        var steps = new GuestSteps(settings, "free.log")
        {
            // The harness ends a test that takes too long; this is for the kernel.
            StepLimit = TimeSpan.FromMinutes(5),
            AddFiles = cpio =>
            {
                cpio.AddDirectory(GuestFolder);
                foreach (string binary in binaries)
                {
                    cpio.AddFile($"{GuestFolder}/{Path.GetFileName(binary)}", File.ReadAllBytes(binary), 0b111_101_101);
                }
            },
            Finished = (program, outcome) => GuestSuite.Judge(run, Name, program, outcome),
        };
        steps.Run([.. programs.Select(program => (program, GuestCommand.Step(settings, "/tmp", [$"/{GuestFolder}/{program}"])))]);
    }
}
