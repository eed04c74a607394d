// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Testing;

/// <summary>A person at the terminal, played by expect(1): <c>tests/interactive/*.exp</c> drive <c>osdk run</c>, over the serial line and over a virtio console.</summary>
internal sealed class InteractiveSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "interactive";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (string script in Directory.GetFiles(Repository.File("tests", "interactive"), "*.exp"))
        {
            // Debian's kernel has the virtio console in a module.
            foreach (string console in run.IsOnLinux ? (string[])["ttyS0"] : ["ttyS0", "hvc0"])
            {
                string name = $"{Name}/{Path.GetFileNameWithoutExtension(script)}{(console == "ttyS0" ? "" : "-" + console)}";
                if (run.Selects(name))
                {
                    RunScript(run, name, script, console);
                }
            }
        }
    }

    private static void RunScript(TestRun run, string name, string script, string console)
    {
        DebianPackages.Require(("expect", "expect"));
        string log = Path.Combine(run.Logs, name.Replace('/', '-') + ".log");
        string session = Path.Combine(run.Logs, name.Replace('/', '-') + ".session");
        List<string> arguments = ["SESSION_LOG=" + session, "CONSOLE=" + console, "expect", script, Repository.File("osdk"), "--kernel", run.Settings.Kernel!, "--boot", run.Settings.Boot!, "--smp", $"{run.Settings.Cpus}", "--console", console];
        int status = Tool.RunLogged(log, "env", arguments, timeoutSeconds: 600);
        bool isSummarySeen = false;
        foreach (string line in File.ReadLines(log))
        {
            if (line.StartsWith("pass ", StringComparison.Ordinal))
            {
                run.Pass($"{name}/{line[5..]}");
            }
            else if (line.StartsWith("FAIL ", StringComparison.Ordinal))
            {
                int colon = line.IndexOf(": ", StringComparison.Ordinal);
                run.Fail($"{name}/{line[5..colon]}", line[(colon + 2)..], session);
            }
            isSummarySeen |= line.EndsWith(" failed", StringComparison.Ordinal);
        }
        if (!isSummarySeen)
        {
            run.Fail(name, $"ended with status {status} before its summary", log);
        }
    }
}
