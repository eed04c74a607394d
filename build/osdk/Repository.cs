// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;

namespace Asterion.Osdk;

/// <summary>Where things are: the repository's root, the project that osdk was started in, and the folders below <c>out/</c>.</summary>
internal static class Repository
{
    /// <summary>Root of the repository; the launcher passes it, so that osdk works from any folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of the project made by <c>osdk new</c> whose launcher was started, or null in this repository itself.</summary>
    public static string? Project { get; } = Environment.GetEnvironmentVariable("OSDK_PROJECT") is { Length: > 0 } folder ? folder : null;

    /// <summary>Everything that is made stands here: in the project at hand, when there is one.</summary>
    public static string Out { get; } = Directory.CreateDirectory(Path.Combine(Project ?? Root, "out")).FullName;

    /// <summary>The feed from which projects take OSTD.</summary>
    public static string Packages { get; } = Path.Combine(Root, "out", "packages");

    /// <summary>Logs of builds and of machines that ran.</summary>
    public static string Logs { get; } = Directory.CreateDirectory(Path.Combine(Out, "logs")).FullName;

    /// <summary>Downloaded Debian packages and what was unpacked from them; projects share them.</summary>
    public static string Downloads { get; } = Directory.CreateDirectory(Path.Combine(Root, "out", "downloads")).FullName;

    /// <summary>A path in the repository.</summary>
    public static string File(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        string? fromLauncher = Environment.GetEnvironmentVariable("OSDK_ROOT");
        if (!string.IsNullOrEmpty(fromLauncher))
        {
            return fromLauncher;
        }
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "Directory.Packages.props")))
            {
                return directory.FullName;
            }
        }
        throw new OsdkException("the repository's root was not found above " + AppContext.BaseDirectory);
    }
}
