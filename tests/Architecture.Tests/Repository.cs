// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;

namespace Asterion.Architecture.Tests;

/// <summary>The repository's files as the tests see them.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Every project, with its path relative to the root.</summary>
    public static IReadOnlyList<Project> Projects { get; } = [.. Files("*.csproj").Select(p => new Project(p))];

    /// <summary>Every file of a pattern that is source, relative to the root.</summary>
    public static IEnumerable<string> Files(string pattern)
        => Directory.EnumerateFiles(Root, pattern, SearchOption.AllDirectories)
            .Select(p => Path.GetRelativePath(Root, p).Replace('\\', '/'))
            .Where(p => !p.Split('/').Any(part => part is "bin" or "obj" or "out" or ".git"))
            .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    // The compiler maps source paths to the same names everywhere, so the way back is from where the tests run.
    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Asterion.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Asterion.slnx above " + AppContext.BaseDirectory);
        }

        return folder;
    }
}

/// <summary>A project file.</summary>
internal sealed class Project
{
    private readonly XDocument _document;

    public Project(string path)
    {
        Path = path;
        _document = XDocument.Parse(Repository.Read(path));
    }

    public string Path { get; }

    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Whether it is part of what boots, or of the tools that make it: not a test.</summary>
    public bool IsProduct => !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>The names of the projects that it refers to.</summary>
    public IEnumerable<string> References
        => _document.Descendants("ProjectReference").Select(r => System.IO.Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

    public IEnumerable<XElement> Packages => _document.Descendants("PackageReference");

    public string? Property(string name) => _document.Descendants(name).FirstOrDefault()?.Value;
}
