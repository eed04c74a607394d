// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Osdk.Audit;
using Asterion.Osdk.Images;

namespace Asterion.Osdk.Testing;

/// <summary>The audit of the image, and that it finds what is planted: a privileged instruction in a kernel method, a call of an unsafe API in a kernel
/// assembly, a segment that is writable and executable.</summary>
internal sealed class AuditSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "audit";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        (string Name, Func<string, string, IEnumerable<string>> Check)[] tests =
        [
            ("image", (output, arch) => new ImageAudit(Path.Combine(output, "kernel.debug.elf"), arch).Violations()),
            ("assemblies", (output, _) => ImageAudit.AssemblyViolations(output)),
            ("finds-planted-instruction", FindsPlantedInstruction),
            ("finds-planted-unsafe-call", (_, _) => PlantedAssembly.Check()),
            ("finds-unsafe-code", (_, _) => FindsUnsafeCode()),
            ("finds-writable-code", FindsWritableCode),
        ];
        if (run.Settings.Codegen == "llvm")
        {
            tests = [.. tests[..2], ("no-vector-instructions", (output, arch) => new ImageAudit(Path.Combine(output, "kernel.debug.elf"), arch).VectorViolations())];
        }
        tests = [.. tests.Where(t => run.Selects($"{Name}/{t.Name}"))];
        if (tests.Length == 0)
        {
            return;
        }
        string output = Path.GetDirectoryName(KernelBuild.Make(run.Settings))!;
        foreach ((string name, Func<string, string, IEnumerable<string>> check) in tests)
        {
            string[] troubles = [.. check(output, run.Settings.Arch!).Take(5)];
            if (troubles.Length == 0)
            {
                run.Pass($"{Name}/{name}");
            }
            else
            {
                run.Fail($"{Name}/{name}", string.Join("; ", troubles));
            }
        }
    }

    // A WRMSR (0F 30) over the first bytes of a method of a kernel assembly, in a copy of the image.
    private static IEnumerable<string> FindsPlantedInstruction(string output, string arch)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(output, "kernel.debug.elf"));
        ExecutableImage image = ExecutableImage.Read(Path.Combine(output, "kernel.debug.elf"));
        CodeRange text = image.Code.Single(c => c.Section == ".text");
        ulong victim = image.SymbolsIn(text.Address, text.Address + (ulong)text.Bytes.Length)
            .First(a => image.NamesOf(a).Any(n => n.Contains("FileReadWrite__Read", StringComparison.Ordinal)));
        int at = file.AsSpan().IndexOf(text.Bytes.Span) + (int)(victim - text.Address);
        file[at] = 0x0f;
        file[at + 1] = 0x30;
        string planted = Path.Combine(Repository.Out, "planted.elf");
        File.WriteAllBytes(planted, file);
        bool isFound = new ImageAudit(planted, arch).Violations().Any(v => v.Contains("FileReadWrite__Read", StringComparison.Ordinal) && v.Contains("msr", StringComparison.Ordinal));
        File.Delete(planted);
        return isFound ? [] : ["a planted WRMSR was not found"];
    }

    // The flags of the segment that holds the code say "writable" too, in a copy of the image.
    private static IEnumerable<string> FindsWritableCode(string output, string arch)
    {
        const int programHeaders = 32, headerBytes = 54, headerCount = 56, flagsOffset = 4, executable = 1, writable = 2;
        byte[] file = File.ReadAllBytes(Path.Combine(output, "kernel.debug.elf"));
        int first = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(programHeaders));
        int size = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(headerBytes));
        int victim = Enumerable.Range(0, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(headerCount)))
            .Select(i => first + i * size).First(at => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at)) == 1 && (file[at + flagsOffset] & executable) != 0);
        file[victim + flagsOffset] |= writable;
        string planted = Path.Combine(Repository.Out, "planted-writable.elf");
        File.WriteAllBytes(planted, file);
        bool isFound = new ImageAudit(planted, arch).Violations().Any(v => v.Contains("both writable and executable", StringComparison.Ordinal));
        File.Delete(planted);
        return isFound ? [] : ["a segment that is writable and executable was not found"];
    }

    // The framework's own assembly, which may use these, must not pass for a safe one.
    private static IEnumerable<string> FindsUnsafeCode()
    {
        string framework = Directory.EnumerateFiles(Repository.File("Ostd.Core", "bin", "Release"), "Ostd.Core.dll", SearchOption.AllDirectories).First();
        string[] violations = [.. new SafeAssemblies(Repository.File("build", "BannedSymbols.txt")).Violations(framework)];
        foreach (string expected in (string[])["compiled with unsafe code allowed", "uses System.Runtime.CompilerServices.Unsafe", "is implemented outside of C#"])
        {
            if (!violations.Any(v => v.Contains(expected, StringComparison.Ordinal)))
            {
                yield return $"in Ostd.Core nothing was found that {expected}";
            }
        }
    }
}
