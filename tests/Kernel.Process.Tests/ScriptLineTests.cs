// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using FsCheck.Xunit;
using Kernel.Process.Execution;
using Xunit;

namespace Kernel.Process.Tests;

public class ScriptLineTests
{
    [Theory]
    [InlineData("#!/bin/sh\n", "/bin/sh", "")]
    [InlineData("#! /bin/sh -e\necho", "/bin/sh", "-e")]
    [InlineData("#!\t/usr/bin/env  python3 -u \nx", "/usr/bin/env", "python3 -u")]
    [InlineData("#!/bin/sh", "/bin/sh", "")]
    [InlineData("#!/bin/sh  \n", "/bin/sh", "")]
    public void Parse_OfALine_FindsInterpreterAndArgument(string text, string interpreter, string argument)
    {
        Assert.True(ScriptLine.TryParse(Encoding.ASCII.GetBytes(text), out var foundInterpreter, out var foundArgument));
        Assert.Equal(interpreter, Encoding.ASCII.GetString(foundInterpreter));
        Assert.Equal(argument, Encoding.ASCII.GetString(foundArgument));
    }

    [Theory]
    [InlineData("#!\n")]
    [InlineData("#!   \nx")]
    [InlineData("#!")]
    public void Parse_WithoutInterpreter_Fails(string text) =>
        Assert.False(ScriptLine.TryParse(Encoding.ASCII.GetBytes(text), out _, out _));

    [Fact]
    public void Parse_OfANameThatDoesNotFit_Fails()
    {
        var text = Encoding.ASCII.GetBytes("#!/" + new string('a', ScriptLine.MaximumLength));
        Assert.False(ScriptLine.TryParse(text.AsSpan(0, ScriptLine.MaximumLength), out _, out _));
    }

    [Fact]
    public void Parse_OfAnArgumentThatDoesNotFit_CutsIt()
    {
        var text = Encoding.ASCII.GetBytes("#!/bin/sh " + new string('a', ScriptLine.MaximumLength));
        Assert.True(ScriptLine.TryParse(text.AsSpan(0, ScriptLine.MaximumLength), out _, out var argument));
        Assert.Equal(ScriptLine.MaximumLength - "#!/bin/sh ".Length, argument.Length);
    }

    [Property(MaxTest = 500)]
    public void Parse_OfAnyBytes_NeverThrows(byte[] bytes)
    {
        byte[] text = [.. "#!"u8, .. bytes];
        var isScript = ScriptLine.TryParse(text.AsSpan(0, Math.Min(text.Length, ScriptLine.MaximumLength)), out var interpreter, out _);
        Assert.NotEqual(isScript, interpreter.IsEmpty);
    }
}
