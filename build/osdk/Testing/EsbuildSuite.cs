// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>
/// A real program, unmodified: esbuild transforms files in the guest, and its output has to be, byte for byte, what the same version gives on the host. Go's runtime is what is tested:
/// threads and futexes, signals that preempt, timers, epoll, large reservations of memory.
/// </summary>
internal sealed class EsbuildSuite : ITestSuite
{
    // Enough that its threads parse side by side, and that its collector runs.
    private const int ModuleCount = 150;
    private const string GuestFolder = "osdk/esbuild";
    private const string Program = "esbuild";

    private static readonly (string Name, string[] Arguments)[] s_cases =
    [
        ("version", ["--version"]),
        ("minify", ["--minify", "in.js"]),
        ("typescript", ["--minify", "shapes.ts"]),
        ("older-language", ["--target=es2015", "--charset=utf8", "in.js"]),
        ("source-map", ["--minify", "--sourcemap=inline", "in.js"]),
        ("bundle", ["--bundle", "--minify", "--format=esm", "--log-level=warning", "modules/main.js"]),
        ("broken-input", ["--log-limit=0", "broken.js"]),
        ("missing-input", ["--bundle", "missing.js"]),
    ];

    /// <inheritdoc/>
    public string Name => "esbuild";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        (string Name, string[] Arguments)[] selected = [.. s_cases.Where(test => run.Selects($"{Name}/{test.Name}"))];
        if (selected.Length == 0)
        {
            return;
        }
        string program = Esbuild.Get(run.Settings.Arch!);
        string reference = Esbuild.Get("x64");
        string inputs = MakeInputs(run);
        var steps = new GuestSteps(run.Settings, "esbuild.log")
        {
            AddFiles = cpio => AddFiles(cpio, program, inputs),
            Finished = (name, outcome) => Judge(run, name, outcome, Expect(reference, inputs, s_cases.First(test => test.Name == name).Arguments)),
        };
        steps.Run([.. selected.Select(test => (test.Name, GuestCommand.Step(run.Settings, "/" + GuestFolder, ["./" + Program, .. test.Arguments])))]);
    }

    // A folder with the files of tests/esbuild and modules that import each other.
    private static string MakeInputs(TestRun run)
    {
        string folder = Path.Combine(Repository.Out, "esbuild" + run.MachineMark);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        string modules = Directory.CreateDirectory(Path.Combine(folder, "modules")).FullName;
        foreach (string file in Directory.GetFiles(Repository.File("tests", "esbuild")))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        for (int i = 0; i < ModuleCount; i++)
        {
            File.WriteAllText(Path.Combine(modules, $"m{i}.js"), Module(i));
        }
        File.WriteAllText(Path.Combine(modules, "main.js"), string.Concat(Enumerable.Range(0, ModuleCount).Select(i => $"export * as m{i} from \"./m{i}.js\";\n")));
        return folder;
    }

    private static string Module(int number)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"import {{ f0 as next }} from \"./m{(number + 1) % ModuleCount}.js\";\n");
        for (int i = 0; i < 40; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$"""
                export function f{{i}}(first, second = {{number * i}}) {
                    const sum = first + second * {{i}} + (first > {{number}} ? next(second - 1, `{{number}}-${first}`) : 0);
                    return { sum, text: [first, second].map((value) => value ** 2).join("{{i}}") };
                }

                """);
        }
        return text.ToString();
    }

    private static void AddFiles(CpioWriter cpio, string program, string inputs)
    {
        cpio.AddDirectory(GuestFolder);
        cpio.AddDirectory(GuestFolder + "/modules");
        cpio.AddFile($"{GuestFolder}/{Program}", File.ReadAllBytes(program), 0b111_101_101);
        foreach (string file in Directory.GetFiles(inputs, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            cpio.AddFile($"{GuestFolder}/{Path.GetRelativePath(inputs, file)}", File.ReadAllBytes(file));
        }
    }

    private static (int Status, byte[] Output) Expect(string program, string inputs, string[] arguments)
    {
        // Both of its streams are one, in its order, as in the guest.
        using ChildProcess child = ChildProcess.Start("sh", ["-c", "cd \"$1\" && shift && exec \"$@\" 2>&1 </dev/null", "sh", inputs, program, .. arguments], redirect: true);
        using var output = new MemoryStream();
        child.Output.CopyTo(output);
        return (child.WaitForExit(), output.ToArray());
    }

    private void Judge(TestRun run, string name, StepOutcome outcome, (int Status, byte[] Output) expected)
    {
        string log = Path.Combine(run.Logs, $"{Name}-{name}.log");
        File.WriteAllBytes(log, outcome.Output);
        string? trouble = outcome.Trouble;
        if (trouble is null && outcome.Status != expected.Status)
        {
            trouble = $"status {outcome.Status}, and on the host {expected.Status}";
        }
        if (trouble is null && !outcome.Output.AsSpan().SequenceEqual(expected.Output))
        {
            File.WriteAllBytes(log + ".expected", expected.Output);
            trouble = $"the output is not the host's, {log}.expected";
        }
        run.Judge($"{Name}/{name}", trouble, log);
    }
}
