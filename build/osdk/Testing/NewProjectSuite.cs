// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Testing;

/// <summary>
/// What <c>osdk new</c> promises: both kinds of projects are made in an empty folder outside this repository, and built, booted and tested there by their own launcher.
/// </summary>
internal sealed class NewProjectSuite : ITestSuite
{
    private const int TimeoutSeconds = 300;

    // Its name sorts behind those of the library's own tests; its filter tells it from them.
    private const string BrokenTest = """
        using Ostd.Testing;

        namespace stack.Tests;

        public static class BrokenTests
        {
            [KernelTest]
            public static void Two_IsThree() => KernelAssert.Equal(3, 1 + 1);
        }
        """;

    /// <inheritdoc/>
    public string Name => "new";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        string[] tests = ["kernel-runs", "kernel-tests", "library-tests", "broken-test-fails", "library-does-not-run", "bad-name", "existing-folder", "inside-the-repository", "missing-name"];
        if (!tests.Any(test => run.Selects($"{Name}/{test}")))
        {
            return;
        }
        DirectoryInfo folder = Directory.CreateTempSubdirectory("osdk-new-");
        try
        {
            CheckErrors(run, folder.FullName);
            CheckKernel(run, folder.FullName);
            CheckLibrary(run, folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private void CheckErrors(TestRun run, string folder)
    {
        Check(run, "bad-name", folder, s_repository, ["new", "kernel", "1st"], ExitCodes.ToolFailure, ["\"1st\" is no name"]);
        Check(run, "missing-name", folder, s_repository, ["new", "kernel"], ExitCodes.Failed, ["Required argument missing for command: 'kernel'."]);
        Check(run, "inside-the-repository", Repository.File("docs"), s_repository, ["new", "library", "mine"], ExitCodes.ToolFailure, ["go to a folder outside of it"]);
        string taken = Path.Combine(folder, "taken");
        File.WriteAllText(taken, "mine");
        Check(run, "existing-folder", folder, s_repository, ["new", "kernel", "taken"], ExitCodes.ToolFailure, ["exists already; nothing was written"]);
        if (File.ReadAllText(taken) != "mine" || Directory.EnumerateFileSystemEntries(folder).Count() != 1)
        {
            run.Fail($"{Name}/existing-folder", "something was written");
        }
        File.Delete(taken);
    }

    private void CheckKernel(TestRun run, string folder)
    {
        if (!run.Selects($"{Name}/kernel-runs") && !run.Selects($"{Name}/kernel-tests"))
        {
            return;
        }
        Make(folder, "kernel", "demo");
        string project = Path.Combine(folder, "demo");
        Check(run, "kernel-runs", project, Path.Combine(project, "osdk"), ["run", "--timeout", "60"], 0, ["Hello, world"]);
        Check(run, "kernel-tests", project, Path.Combine(project, "osdk"), ["test"], 0, ["3 passed, 0 failed"]);
    }

    private void CheckLibrary(TestRun run, string folder)
    {
        if (!run.Selects($"{Name}/library-tests") && !run.Selects($"{Name}/broken-test-fails") && !run.Selects($"{Name}/library-does-not-run"))
        {
            return;
        }
        Make(folder, "library", "stack");
        string project = Path.Combine(folder, "stack");
        string osdk = Path.Combine(project, "osdk");
        File.WriteAllText(Path.Combine(project, "tests", "BrokenTests.cs"), BrokenTest);
        Check(run, "library-tests", project, osdk, ["test", "FrameStack"], 0, ["4 passed, 0 failed"]);
        Check(run, "broken-test-fails", project, osdk, ["test"], ExitCodes.Failed, ["4 passed, 1 failed", "Failed: test/stack.Tests.BrokenTests.Two_IsThree"]);
        Check(run, "library-does-not-run", project, osdk, ["run"], ExitCodes.ToolFailure, ["osdk: stack.csproj is a library, which boots only in a kernel; ./osdk test boots one of its tests"]);
    }

    private static readonly string s_repository = Repository.File("osdk");

    private static void Make(string folder, string kind, string name)
    {
        string log = Path.Combine(Repository.Logs, $"new-{kind}.log");
        if (Start(log, folder, s_repository, ["new", kind, name]) != 0)
        {
            throw new OsdkException($"osdk new {kind} failed", log);
        }
    }

    /// <summary>Starts a launcher in a folder; it has to leave with the status and to say each text.</summary>
    private void Check(TestRun run, string test, string folder, string program, string[] arguments, int status, string[] texts)
    {
        string name = $"{Name}/{test}";
        if (!run.Selects(name))
        {
            return;
        }
        string log = Path.Combine(run.Logs, $"new-{test}.log");
        int left = Start(log, folder, program, arguments);
        // What osdk says is broken into lines of the terminal's width.
        string said = string.Join(' ', File.ReadAllText(log).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        string? missing = texts.FirstOrDefault(text => !said.Contains(text, StringComparison.Ordinal));
        run.Judge(name, left != status ? $"status {left} and not {status}" : missing is not null ? $"\"{missing}\" is not said" : null, log);
    }

    /// <summary>A user's shell: in the folder, and without what the launcher of this run has exported.</summary>
    private static int Start(string log, string folder, string program, IEnumerable<string> arguments)
        => Tool.RunLogged(log, "env", ["-C", folder, "-u", "OSDK_ROOT", "-u", "OSDK_PROJECT", "-u", "OSTD_HOME", program, .. arguments], TimeoutSeconds);
}
