// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Asterion.Compiler.Cases;
using Xunit;

namespace Asterion.Compiler.Tests;

/// <summary>The program of all cases, made once for each target and all tests; and what the host's .NET writes.</summary>
public sealed class CompiledCases
{
    private readonly Dictionary<string, string> _expected = [];
    private readonly Dictionary<string, CompiledProgram> _programs = ProgramTarget.All.AsParallel().Select(t => (t.Name, Program: Toolchain.BuildCases(t))).ToDictionary(p => p.Name, p => p.Program);

    /// <summary>What the compiler said when it made a target's program.</summary>
    internal ProgramResult Compilation(string target) => _programs[target].Compilation;

    /// <summary>Runs the program of a target.</summary>
    internal ProgramResult Run(string target, string argument) => Toolchain.RunCompiled(ProgramTarget.Find(target), _programs[target], argument);

    /// <summary>What a case writes on the host. It runs once, because the second time it would meet its class constructors and static fields as the first has left them.</summary>
    internal string Expect(string name)
    {
        if (!_expected.TryGetValue(name, out string? text))
        {
            var output = new TextOutput();
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            CaseList.All.Single(c => c.Name == name).Body(output);
            _expected.Add(name, text = output.Text);
        }

        return text;
    }

    private sealed class TextOutput : Output
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public override void Line(string text) => _text.Append(text).Append('\n');
    }
}

public sealed class CompilerTests(CompiledCases compiled) : IClassFixture<CompiledCases>
{
    private const int AbortStatus = 134;

    public static TheoryData<string> Targets => [.. ProgramTarget.All.Select(t => t.Name)];

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> all = [];
            foreach (ProgramTarget target in ProgramTarget.All)
            {
                foreach (Case each in CaseList.All)
                {
                    all.Add(target.Name, each.Name);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_AsCompiledProgram_WritesWhatTheHostWrites(string target, string name)
    {
        string expected = compiled.Expect(name);
        ProgramResult result = compiled.Run(target, name);

        Assert.Equal(expected, result.Output);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.Status);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void UnhandledException_EndsTheProgram_BeforeFinallyBlocks(string target)
    {
        ProgramResult result = compiled.Run(target, "--unhandled");
        Assert.Equal(AbortStatus, result.Status);
        Assert.Equal("before\n", result.Output);
        Assert.Contains("nobody catches this", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void UnknownCase_EndsWithItsStatus(string target)
    {
        Assert.Equal(2, compiled.Run(target, "no such case").Status);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void ShortIntegers_ToAndFromAssembly_FillTheirRegisters(string target)
    {
        ProgramResult result = compiled.Run(target, "--native");
        Assert.Equal(
            "-2147483647 -2147483647 1\n-2147483647 2147483649\n-2147483647\n5 5 5\n5 5\n5\n255 255 255\n255 255\n255\n",
            result.Output);
        Assert.Equal(0, result.Status);
    }

    [Fact]
    public void Assembly_OfAnotherArchitecture_IsRefused()
    {
        ProgramResult result = Toolchain.CompileWithWrongRuntime();
        Assert.Equal(1, result.Status);
        Assert.Contains("has no instructions for riscv64", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void UnsupportedInstruction_IsRefused_WithItsPlace()
    {
        ProgramResult result = Toolchain.CompileRefused();
        Assert.Equal(1, result.Status);
        Assert.Contains("Asterion.Compiler.Refused.Program.Main() at IL_", result.Error, StringComparison.Ordinal);
        Assert.Contains("Mkrefany", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Dump_PrintsTheMethodsAsked_AndNoOther(string target)
    {
        ProgramResult result = compiled.Compilation(target);
        string[] functions = [.. result.Output.Split('\n').Where(l => l.StartsWith("define ", StringComparison.Ordinal) && !l.Contains(Toolchain.DumpedAccess, StringComparison.Ordinal)
            && !l.Contains(Toolchain.DumpedCalls, StringComparison.Ordinal))];
        Assert.Single(functions);
        Assert.Contains($"i32 @\"Asterion.Compiler.Cases.{Toolchain.DumpedMethod}(System.Int32)\"(i32 %p0)", functions[0], StringComparison.Ordinal);
        Assert.Contains("mul i32", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void PlainAccess_IsWhole_WhereTheAddressIsAligned(string target)
    {
        string[] functions = compiled.Compilation(target).Output.Split("define ");
        string aligned = functions.Single(f => f.Contains("PlainAccessOfAligned(System.Int32&", StringComparison.Ordinal) && f.StartsWith("internal", StringComparison.Ordinal));
        Assert.Matches("load atomic i32, ptr %t[0-9]+ unordered, align 4", aligned);
        Assert.Matches("store atomic i32 %t[0-9]+, ptr %t[0-9]+ unordered, align 4", aligned);

        // The structure is copied word by word, so that no half of a reference is read.
        Assert.Matches("load atomic ptr, ptr %t[0-9]+ unordered, align 8", aligned);
        string packed = functions.Single(f => f.Contains("PlainAccessOfPacked(", StringComparison.Ordinal) && f.StartsWith("internal", StringComparison.Ordinal));
        Assert.Matches("load i32, ptr %t[0-9]+, align 1", packed);
        Assert.DoesNotContain("atomic", packed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void VirtualCall_IsDirect_WhereTheProgramHasOneTarget(string target)
    {
        string[] functions = compiled.Compilation(target).Output.Split("define ");
        string one = functions.Single(f => f.Split('\n')[0].Contains("ClosedWorldCases.OneTargetCall(", StringComparison.Ordinal));
        Assert.Contains("ClosedWorldCases+Square.Area()\"(", one, StringComparison.Ordinal);
        string two = functions.Single(f => f.Split('\n')[0].Contains("ClosedWorldCases.OneOfTwoTargetsCall(", StringComparison.Ordinal));
        Assert.DoesNotContain("Wheels", two, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void ClassConstructors_AreEvaluated_WhereTheirTimeDoesNotMatter(string target)
    {
        string[] lazy = [.. compiled.Compilation(target).Error.Split('\n')];
        bool IsLazy(string type) => lazy.Any(l => l.StartsWith($"class constructor of Asterion.Compiler.Cases.{type} runs lazily: ", StringComparison.Ordinal));

        Assert.False(IsLazy("Constants"));
        Assert.False(IsLazy("ReadsReference"));
        Assert.True(IsLazy("Precise"));
        Assert.True(IsLazy("Failing"));
        Assert.True(IsLazy("CycleA"));
        Assert.True(IsLazy("ReadsContent"));
        Assert.True(IsLazy("ReadsVariable"));
    }
}
