// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using System.Linq;
using System.Text;
using Asterion.Compiler.Cases;
using Xunit;

namespace Asterion.Compiler.Tests;

/// <summary>The program of all cases, made once for all tests.</summary>
public sealed class CompiledCases
{
    /// <summary>Its path.</summary>
    public string Program { get; } = Toolchain.BuildCases();
}

public sealed class CompilerTests(CompiledCases compiled) : IClassFixture<CompiledCases>
{
    private const int AbortStatus = 134;

    public static TheoryData<string> Cases => [.. CaseList.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_AsCompiledProgram_WritesWhatTheHostWrites(string name)
    {
        var expected = new TextOutput();
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CaseList.All.Single(c => c.Name == name).Body(expected);

        ProgramResult result = Toolchain.RunCompiled(compiled.Program, name);

        Assert.Equal(expected.Text, result.Output);
        Assert.Equal("", result.Error);
        Assert.Equal(0, result.Status);
    }

    [Fact]
    public void UnhandledException_EndsTheProgram_BeforeFinallyBlocks()
    {
        ProgramResult result = Toolchain.RunCompiled(compiled.Program, "--unhandled");
        Assert.Equal(AbortStatus, result.Status);
        Assert.Equal("before\n", result.Output);
        Assert.Contains("nobody catches this", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownCase_EndsWithItsStatus()
    {
        Assert.Equal(2, Toolchain.RunCompiled(compiled.Program, "no such case").Status);
    }

    [Fact]
    public void UnsupportedInstruction_IsRefused_WithItsPlace()
    {
        ProgramResult result = Toolchain.CompileRefused();
        Assert.Equal(1, result.Status);
        Assert.Contains("Asterion.Compiler.Refused.Program.Main() at IL_", result.Error, StringComparison.Ordinal);
        Assert.Contains("Mkrefany", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Dump_PrintsTheMethodAsked_AndNoOther()
    {
        ProgramResult result = Toolchain.Dump("ArrayCases.Twice");
        Assert.Equal(0, result.Status);
        string[] functions = [.. result.Output.Split('\n').Where(l => l.StartsWith("define ", StringComparison.Ordinal))];
        Assert.Single(functions);
        Assert.Contains("i32 @\"Asterion.Compiler.Cases.ArrayCases.Twice(System.Int32)\"(i32 %p0)", functions[0], StringComparison.Ordinal);
        Assert.Contains("mul i32", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void PlainAccess_IsWhole_WhereTheAddressIsAligned()
    {
        string[] functions = Toolchain.Dump("AtomicCases.PlainAccessOf").Output.Split("define ");
        string aligned = functions.Single(f => f.Contains("PlainAccessOfAligned(System.Int32&", StringComparison.Ordinal) && f.StartsWith("internal", StringComparison.Ordinal));
        Assert.Matches("load atomic i32, ptr %t[0-9]+ unordered, align 4", aligned);
        Assert.Matches("store atomic i32 %t[0-9]+, ptr %t[0-9]+ unordered, align 4", aligned);

        // The structure is copied word by word, so that no half of a reference is read.
        Assert.Matches("load atomic ptr, ptr %t[0-9]+ unordered, align 8", aligned);
        string packed = functions.Single(f => f.Contains("PlainAccessOfPacked(", StringComparison.Ordinal) && f.StartsWith("internal", StringComparison.Ordinal));
        Assert.Matches("load i32, ptr %t[0-9]+, align 1", packed);
        Assert.DoesNotContain("atomic", packed, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassConstructors_AreEvaluated_WhereTheirTimeDoesNotMatter()
    {
        string[] lazy = [.. Toolchain.ReportClassConstructors().Error.Split('\n')];
        bool IsLazy(string type) => lazy.Any(l => l.StartsWith($"class constructor of Asterion.Compiler.Cases.{type} runs lazily: ", StringComparison.Ordinal));

        Assert.False(IsLazy("Constants"));
        Assert.False(IsLazy("ReadsReference"));
        Assert.True(IsLazy("Precise"));
        Assert.True(IsLazy("Failing"));
        Assert.True(IsLazy("CycleA"));
        Assert.True(IsLazy("ReadsContent"));
        Assert.True(IsLazy("ReadsVariable"));
    }

    private sealed class TextOutput : Output
    {
        private readonly StringBuilder _text = new();

        public string Text => _text.ToString();

        public override void Line(string text) => _text.Append(text).Append('\n');
    }
}
