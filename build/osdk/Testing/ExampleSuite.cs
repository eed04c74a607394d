// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Testing;

/// <summary>The kernels in <c>examples</c>, by <c>osdk run</c> as their readers do it: each has to say all lines of its <c>expected.txt</c> and power off with status 0.</summary>
internal sealed class ExampleSuite : ITestSuite
{
    private const int TimeoutSeconds = 60;

    /// <inheritdoc/>
    public string Name => "examples";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (string folder in Directory.GetDirectories(Repository.File("examples")).Order(StringComparer.Ordinal))
        {
            string name = $"{Name}/{Path.GetFileName(folder)}";
            if (run.Selects(name))
            {
                RunExample(run, name, folder);
            }
        }
    }

    private static void RunExample(TestRun run, string name, string folder)
    {
        string log = Path.Combine(run.Logs, name.Replace('/', '-') + ".log");
        string image = Path.GetRelativePath(Repository.Root, folder);
        string cpus = (run.Settings.Cpus ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Images.KernelBuild.Make(run.Settings, image); // not in the time-out
        int status = Tool.RunLogged(log, Repository.File("osdk"), ["run", "--image", image, "--smp", cpus, "--timeout", TimeoutSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)], timeoutSeconds: 2 * TimeoutSeconds);
        string[] said = [.. File.ReadAllLines(log).Select(line => line.TrimEnd('\r'))];
        string? missing = File.ReadAllLines(Path.Combine(folder, "expected.txt")).FirstOrDefault(line => !said.Contains(line));
        run.Judge(name, status != 0 ? $"status {status}" : missing is not null ? $"\"{missing}\" is not said" : null, log);
    }
}
