// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;

namespace Asterion.Osdk.Testing;

/// <summary>The xunit projects below <c>tests/</c>, run on the host with <c>dotnet test</c>; those of the compiler are a suite of their own.</summary>
internal sealed class HostSuite : ITestSuite
{
    private static readonly string s_compilerTests = Repository.File("tests", "compiler");

    private readonly bool _isOfCompiler;

    private HostSuite(bool isOfCompiler) => _isOfCompiler = isOfCompiler;

    /// <summary>The tests of everything but the compiler.</summary>
    public static HostSuite Host { get; } = new(false);

    /// <summary>The compiler's cases, on the host's .NET and as compiled programs.</summary>
    public static HostSuite Compiler { get; } = new(true);

    /// <inheritdoc/>
    public string Name => _isOfCompiler ? "compiler" : "host";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (string project in Directory.GetFiles(Repository.File("tests"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(project);
            if (project.StartsWith(s_compilerTests, StringComparison.Ordinal) == _isOfCompiler && run.Selects($"{Name}/{name}") && IsTestProject(project))
            {
                if (_isOfCompiler)
                {
                    DebianPackages.Require(KernelBuild.Linker, ("clang-19", "clang-19"), ("qemu-riscv64-static", "qemu-user-static"), ("qemu-loongarch64-static", "qemu-user-static"));
                }

                RunProject(run, project, name);
            }
        }
    }

    /// <summary>A project of xunit tests names the test SDK itself, or imports what all tests over the hosted architecture share.</summary>
    private static bool IsTestProject(string project)
    {
        string text = File.ReadAllText(project);
        return text.Contains("Microsoft.NET.Test.Sdk", StringComparison.Ordinal) || text.Contains("/HostTest.props\"", StringComparison.Ordinal);
    }

    private void RunProject(TestRun run, string project, string name)
    {
        string log = Path.Combine(run.Logs, $"host-{name}.log");
        string results = Path.Combine(run.Logs, $"host-{name}.trx");
        File.Delete(results);
        using (BuildLock.Enter())
        {
            Tool.Run($"Building {name}", $"build-{name}.log", "dotnet", ["build", project, "-c", "Release", "-nologo", "-v", "q", "-clp:NoSummary"]);
        }
        List<string> arguments = ["test", project, "-c", "Release", "--no-build", "--nologo", "-v", "q", "--logger", $"trx;LogFileName={results}"];
        int status = Report.Progress($"Testing {name}", () => Tool.RunLogged(log, "dotnet", arguments, timeoutSeconds: 900));
        if (!File.Exists(results))
        {
            run.Fail($"{Name}/{name}", $"no results; dotnet test left with {status}", log);
            return;
        }
        int passed = 0;
        XNamespace trx = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
        foreach (XElement result in XDocument.Load(results).Descendants(trx + "UnitTestResult"))
        {
            string test = $"{Name}/{name}/{result.Attribute("testName")?.Value}";
            switch (result.Attribute("outcome")?.Value)
            {
                case "Passed":
                    run.Count();
                    passed++;
                    break;
                case "NotExecuted":
                    break;
                default:
                    run.Fail(test, result.Descendants(trx + "Message").FirstOrDefault()?.Value.Split('\n')[0] ?? "failed", log);
                    break;
            }
        }
        run.Note($"{Name}/{name}: {passed} tests passed");
    }
}
