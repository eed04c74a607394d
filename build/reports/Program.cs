// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Asterion.Build.Reports;

/// <summary>
/// Writes the reports of an image into files: <c>asterion-reports IMAGE.dll DIRECTORY</c>. Source generators cannot write files, so the image's
/// generator leaves the reports as string constants, which stand in the assembly's metadata; nothing is loaded or run here.
/// </summary>
internal static class Program
{
    private static readonly Dictionary<string, string> s_files = new()
    {
        ["SyscallCoverageMarkdown"] = "syscalls.md",
        ["SyscallCoverageJson"] = "syscalls.json",
        ["SyscallTable"] = "syscall-table.txt",
        ["ComponentOrder"] = "component-order.txt",
    };

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 2)
        {
            Console.Error.WriteLine("usage: asterion-reports IMAGE.dll DIRECTORY");
            return 2;
        }

        using var stream = File.OpenRead(arguments[0]);
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        Directory.CreateDirectory(arguments[1]);
        var written = 0;
        foreach (var handle in metadata.FieldDefinitions)
        {
            var field = metadata.GetFieldDefinition(handle);
            var type = metadata.GetTypeDefinition(field.GetDeclaringType());
            if (metadata.GetString(type.Name) != "BuildReports" || !s_files.TryGetValue(metadata.GetString(field.Name), out var name))
                continue;
            var constant = metadata.GetConstant(field.GetDefaultValue());
            var text = (string?)metadata.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode) ?? "";
            WriteIfDifferent(Path.Combine(arguments[1], name), text);
            written++;
        }

        if (written == s_files.Count)
            return 0;
        Console.Error.WriteLine($"{arguments[0]} holds {written} of {s_files.Count} reports.");
        return 1;
    }

    /// <summary>An unchanged file keeps its time stamp, so that what is built from it is not built again.</summary>
    private static void WriteIfDifferent(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
            File.WriteAllText(path, text);
    }
}
