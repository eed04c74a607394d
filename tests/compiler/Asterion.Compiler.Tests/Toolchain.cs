// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Asterion.Compiler.Tests;

/// <summary>What a program did.</summary>
internal sealed record ProgramResult(int Status, string Output, string Error);

/// <summary>A program, and what the compiler said when it made it.</summary>
internal sealed record CompiledProgram(string Path, ProgramResult Compilation);

/// <summary>From IL to a program of the host: this project's compiler, clang, lld.</summary>
internal static class Toolchain
{
    // For compiled programs, which take milliseconds; the tools that make them are bounded by whoever runs the tests.
    private const int ProgramTimeoutMilliseconds = 60_000;

    private static readonly string s_configuration = Metadata("BuildConfiguration");
    private static readonly string s_tests = Path.Combine(Metadata("RepositoryRoot"), "tests", "compiler");

    /// <summary>Where programs are made.</summary>
    public static string OutputFolder => Directory.CreateDirectory(Path.Combine(Metadata("RepositoryRoot"), "out", "compiler")).FullName;

    /// <summary>The method whose IR the compiler prints when it makes the program of all cases.</summary>
    public const string DumpedMethod = "ArrayCases.Twice";

    /// <summary>What is in the names of the methods that it prints beside that one.</summary>
    public const string DumpedAccess = "AtomicCases.PlainAccessOf";

    /// <summary>What is in the names of two more: a virtual call with one target, and one with two.</summary>
    public const string DumpedCalls = "ClosedWorldCases.One";

    /// <summary>Makes the program of all cases for a target. The compiler prints a method, and which class constructors run lazily.</summary>
    public static CompiledProgram BuildCases(ProgramTarget target)
    {
        string name = Path.Combine(OutputFolder, "cases." + target.Name);
        ProgramResult compilation = Compile(Assembly("HostProgram", "HostProgram"), name + ".ll", target, "--dump", DumpedMethod, "--dump", DumpedAccess, "--dump", DumpedCalls, "--verbose");
        Require(compilation);
        Require(RunTool("clang-19", ["-x", "ir", name + ".ll", "-c", "-O1", .. target.ClangOptions, .. target.CodeOptions, "-o", name + ".o"]));
        Require(RunTool("clang-19", ["-c", Path.Combine(s_tests, "HostRuntime", target.Folder, "host.S"), .. target.ClangOptions, "-o", name + ".host.o"]));
        Require(RunTool("clang-19", ["-c", Path.Combine(s_tests, "HostProgram", "Native", target.Name + ".S"), .. target.ClangOptions, "-o", name + ".native.o"]));
        Require(RunTool("ld.lld-19", "-static", "--gc-sections", "--eh-frame-hdr", "-z", "norelro", "--no-dynamic-linker", "-e", "_start", name + ".host.o", name + ".native.o", name + ".o", "-o", name));
        return new CompiledProgram(name, compilation);
    }

    /// <summary>Runs the compiler on the program that it has to refuse.</summary>
    public static ProgramResult CompileRefused() => Compile(Assembly("Refused", "Asterion.Compiler.Refused"), Path.Combine(OutputFolder, "refused.ll"), ProgramTarget.X64);

    /// <summary>Compiles the cases for a target with the runtime of another one.</summary>
    public static ProgramResult CompileWithWrongRuntime() =>
        Compile(Assembly("HostProgram", "HostProgram"), Path.Combine(OutputFolder, "wrong.ll"), ProgramTarget.RiscV64 with { Folder = ProgramTarget.LoongArch64.Folder });

    /// <summary>Runs a compiled program to its end.</summary>
    public static ProgramResult RunCompiled(ProgramTarget target, CompiledProgram program, string argument) => target.Emulator is { } emulator
        ? Run(emulator, ProgramTimeoutMilliseconds, program.Path, argument)
        : Run(program.Path, ProgramTimeoutMilliseconds, argument);

    private static ProgramResult RunTool(string program, params string[] arguments) => Run(program, Timeout.Infinite, arguments);

    private static ProgramResult Run(string program, int timeoutMilliseconds, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        System.Threading.Tasks.Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(timeoutMilliseconds))
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}");
        }

        return new ProgramResult(process.ExitCode, output.Result, error.Result);
    }

    private static ProgramResult Compile(string program, string output, ProgramTarget target, params string[] options)
    {
        string compiler = Path.Combine(Metadata("RepositoryRoot"), "build", "compiler", "bin", s_configuration, "net10.0", "Asterion.Compiler.dll");
        string package = Metadata("IlcPackage");
        string runtime = Path.Combine(s_tests, "HostRuntime", "bin", s_configuration, target.Folder, "net9.0", "HostRuntime.dll");
        List<string> arguments = [compiler, program, "--target", target.Name, "--runtime", runtime, "-o", output, .. options];
        string folder = Path.GetDirectoryName(Assembly("HostProgram", "HostProgram"))!;
        foreach (string reference in new[] { Path.Combine(package, "sdk"), Path.Combine(package, "framework"), folder }.SelectMany(f => Directory.EnumerateFiles(f, "*.dll"))
            .Where(f => Path.GetFileName(f) != Path.GetFileName(runtime)))
        {
            arguments.Add("-r:" + reference);
        }

        return RunTool("dotnet", [.. arguments]);
    }

    private static string Assembly(string project, string name) => Path.Combine(s_tests, project, "bin", s_configuration, "net9.0", name + ".dll");

    private static void Require(ProgramResult result)
    {
        if (result.Status != 0)
        {
            throw new InvalidOperationException(result.Error);
        }
    }

    private static string Metadata(string key) =>
        typeof(Toolchain).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
