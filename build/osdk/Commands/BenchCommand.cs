// SPDX-License-Identifier: MPL-2.0

using System.CommandLine;
using Asterion.Osdk.Benchmarks;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk bench</c>: measurements, each a command of its own.</summary>
internal static class BenchCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create() => new("bench", "Measures the kernel.")
    {
        BootBenchmark.Create(),
        RuntimeBenchmark.Create(),
        CheckBenchmark.Create(),
        CodegenBenchmark.Create(),
        PauseBenchmark.Create(),
        ShareBenchmark.Create(),
    };
}
