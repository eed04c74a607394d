// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace Asterion.Osdk.Projects;

/// <summary>
/// What a new project begins with: the files below <c>build/templates</c> for all kinds and for its kind, and, for a kernel, the program of the example, so that what is copied is what the tests boot.
/// </summary>
internal sealed partial class ProjectTemplate
{
    private const string Extension = ".template";
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode ExecutableByAll = ReadableByAll | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>Reads the files.</summary>
    /// <param name="kind"><c>kernel</c> or <c>library</c>.</param>
    public ProjectTemplate(string kind)
    {
        foreach (string folder in (string[])["common", kind])
        {
            string root = Repository.File("build", "templates", folder);
            foreach (string file in Directory.EnumerateFiles(root, "*" + Extension, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
            {
                _files.Add(Path.GetRelativePath(root, file)[..^Extension.Length], File.ReadAllText(file));
            }
        }
        if (kind == "kernel")
        {
            const string example = "Kernel.Hello";
            foreach (string file in (string[])["Program.cs", "hello.S"])
            {
                _files.Add(file, File.ReadAllText(Repository.File("examples", example, file)).Replace($"namespace {example};", "namespace NAME;", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>The C# texts.</summary>
    public IEnumerable<string> Sources => _files.Where(file => file.Key.EndsWith(".cs", StringComparison.Ordinal)).Select(file => file.Value);

    /// <summary>Writes the project into a folder that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="name">The project's name.</param>
    /// <param name="version">The version of OSTD's package.</param>
    public void Write(string folder, string name, string version)
    {
        foreach ((string path, string text) in _files)
        {
            string file = Path.Combine(folder, path.Replace("NAME", name, StringComparison.Ordinal));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Placeholder().Replace(text, match => match.Value == "NAME" ? name : version));
            File.SetUnixFileMode(file, path == "osdk" ? ExecutableByAll : ReadableByAll);
        }
    }

    [GeneratedRegex(@"\b(NAME|OSTD_VERSION)\b")]
    private static partial Regex Placeholder();
}
