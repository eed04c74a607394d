// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using System.IO;
using Asterion.Osdk.Audit;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk audit</c>: lists where the image holds unsafe power, and fails when some stands outside of the framework.</summary>
internal static class AuditCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Command("audit", "Lists the privileged instructions of the linked image; fails on one outside of the framework's stubs, on unsafe APIs in safe assemblies, and on vector instructions in a kernel by LLVM.");
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "build");
            string output = Path.GetDirectoryName(KernelBuild.Make(settings))!;
            var image = new ImageAudit(Path.Combine(output, "kernel.debug.elf"), settings.Arch!);
            return Print(image, [.. ImageAudit.AssemblyViolations(output), .. settings.Codegen == "llvm" ? image.VectorViolations() : []]);
        });
        return command;
    }

    private static int Print(ImageAudit image, string[] furtherViolations)
    {
        foreach (string line in image.Table)
        {
            Console.Out.WriteLine(line);
        }
        SourceLines lines = SourceLines.Count();
        Console.Out.WriteLine($"lines of code: framework {lines.Framework}, kernel {lines.Kernel}: the framework is {lines.FrameworkShare:P1} (goal: under {SourceLines.ShareGoal:P0})");
        Console.Out.WriteLine($"unsafe places: framework {lines.UnsafePlaces}, kernel {lines.KernelUnsafePlaces}");
        string[] violations = [.. image.Violations(), .. furtherViolations];
        foreach (string violation in violations)
        {
            Report.Error(violation);
        }
        Console.Out.WriteLine(violations.Length == 0 ? "audit passed" : $"audit failed: {violations.Length} violations");
        return violations.Length == 0 ? 0 : ExitCodes.Failed;
    }
}
