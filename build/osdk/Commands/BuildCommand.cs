// SPDX-License-Identifier: MPL-2.0

using System.CommandLine;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Projects;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk build</c>: builds the kernel and the initial file system.</summary>
internal static class BuildCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Command("build", Repository.Project is not null ? "Builds the project." : "Builds the kernel and the initial file system.");
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "build");
            if (Repository.Project is not null)
            {
                Report.Note(ProjectBuild.Make(settings));
                return 0;
            }
            Report.Note(settings.Kernel == "linux" ? LinuxKernel.Get() : KernelBuild.Make(settings));
            Report.Note(Initramfs.Make(settings));
            return 0;
        });
        return command;
    }
}
