// SPDX-License-Identifier: MPL-2.0

using System.CommandLine;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk build</c>: builds the kernel and the initial file system.</summary>
internal static class BuildCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Command("build", "Builds the kernel and the initial file system.");
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "build");
            Report.Note(settings.Kernel == "linux" ? LinuxKernel.Get() : KernelBuild.Make(settings.Arch!, settings.Configuration!));
            Report.Note(Initramfs.Make());
            return 0;
        });
        return command;
    }
}
