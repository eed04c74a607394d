// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using System.IO;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk report</c>: prints which system calls the kernel supports, as the build found it.</summary>
internal static class ReportCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var asJson = new Option<bool>("--json") { Description = "As JSON" };
        var command = new Command("report", "Prints the coverage of Linux's system calls, which the build generates.") { asJson };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "build");
            KernelBuild.Make(settings);
            string file = Repository.File("docs", "coverage", "syscalls" + (result.GetValue(asJson) ? ".json" : ".md"));
            Console.Out.Write(File.ReadAllText(file));
            return 0;
        });
        return command;
    }
}
