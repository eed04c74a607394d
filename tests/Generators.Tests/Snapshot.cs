// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>Compares text with a file that is checked in; with <c>UPDATE_SNAPSHOTS=1</c> in the environment the file is written instead.</summary>
internal static class Snapshot
{
    public static void Matches(string name, string actual)
    {
        var path = Path.Combine(RepositoryFiles.TestProject, "Snapshots", name);
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing; run the tests with UPDATE_SNAPSHOTS=1 and check the result.");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
