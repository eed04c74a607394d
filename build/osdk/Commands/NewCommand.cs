// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using System.IO;
using Asterion.Osdk.Host;
using Asterion.Osdk.Projects;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk new</c>: begins a kernel or a library on OSTD, outside this repository.</summary>
internal static class NewCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create() => new("new", "Begins a project on OSTD in a new folder below the current one.")
    {
        CreateKind("kernel", "A kernel: boots, and runs a program in user mode."),
        CreateKind("library", "A library for kernels, with tests that run in a booted kernel."),
    };

    private static Command CreateKind(string kind, string description)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the folder, the assembly and the namespace" };
        var command = new Command(kind, description) { name };
        command.SetAction(result => Create(kind, result.GetRequiredValue(name)));
        return command;
    }

    private static int Create(string kind, string name)
    {
        var template = new ProjectTemplate(kind);
        if (ProjectName.Trouble(name, template.Sources) is { } trouble)
        {
            throw new OsdkException(trouble);
        }
        string folder = Path.GetFullPath(name);
        if (Path.Exists(folder))
        {
            throw new OsdkException($"{folder} exists already; nothing was written");
        }
        // This repository's own settings and packages would reach into the project.
        if ((folder + "/").StartsWith(Repository.Root + "/", StringComparison.Ordinal))
        {
            throw new OsdkException($"{folder} would be inside {Repository.Root}: go to a folder outside of it");
        }
        string version = OstdPackage.Make();
        // The project appears whole or not at all.
        string unfinished = Path.Combine(Path.GetDirectoryName(folder)!, $".{name}.{Environment.ProcessId}.new");
        try
        {
            Directory.CreateDirectory(unfinished);
            template.Write(unfinished, name, version);
            File.WriteAllText(Path.Combine(unfinished, ".ostd-home"), Repository.Root + "\n");
            Directory.Move(unfinished, folder);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }
            throw new OsdkException($"{folder} cannot be made: {failure.Message}");
        }
        Report.Note($"{folder}: a {kind} on OSTD {version}");
        Report.Note($"cd {name} && ./osdk {(kind == "kernel" ? "run" : "test")}");
        return 0;
    }
}
