// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using FsCheck.Xunit;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Tty.Discipline;
using Xunit;

namespace Kernel.Tty.Tests;

public class LineDisciplineTests
{
    // Typed, then what one read gives, then what the terminal shows. The rows are what a pty of Linux 6.18 gives for the same bytes.
    [Theory]
    [InlineData("hello\n", "hello\n", "hello\r\n")]
    [InlineData("hello\r", "hello\n", "hello\r\n")]
    [InlineData("helxx\u007f\u007flo\n", "hello\n", "helxx\b \b\b \blo\r\n")]
    [InlineData("\u007f\u007fa\n", "a\n", "a\r\n")]
    [InlineData("one two\u0017three\n", "one three\n", "one two\b \b\b \b\b \bthree\r\n")]
    [InlineData("one two  \u0017x\n", "one x\n", "one two  \b \b\b \b\b \b\b \b\b \bx\r\n")]
    [InlineData("a-b.c\u0017\n", "a-b.\n", "a-b.c\b \b\r\n")]
    [InlineData("wrong\u0015ok\n", "ok\n", "wrong\b \b\b \b\b \b\b \b\b \bok\r\n")]
    [InlineData("a\u0001b\n", "a\u0001b\n", "a^Ab\r\n")]
    [InlineData("a\u0001\u007fb\n", "ab\n", "a^A\b \b\b \bb\r\n")]
    [InlineData("\u0016\u0003x\n", "\u0003x\n", "^\b^Cx\r\n")]
    [InlineData("\u0016\u007fx\n", "\u007fx\n", "^\b^?x\r\n")]
    [InlineData("ab\u0012cd\n", "abcd\n", "ab^R\r\nabcd\r\n")]
    [InlineData("ab\tc\u007f\u007fd\n", "abd\n", "ab\tc\b \b\b\b\b\b\b\bd\r\n")]
    [InlineData("a\t\t\u007f\u007f\u007f\n", "\n", "a\t\t\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b \b\r\n")]
    public void Receive_CanonicalLine_EditsAndEchoes(string typed, string line, string shown)
    {
        var harness = new DisciplineHarness();

        harness.Type(typed);

        Assert.Equal(line, harness.Read());
        Assert.Equal(shown, harness.Echo);
        Assert.Null(harness.Read());
    }

    [Fact]
    public void Receive_UnfinishedLine_ShowsNothingToReaders()
    {
        var harness = new DisciplineHarness();

        harness.Type("no newline");

        Assert.Null(harness.Read());
        Assert.False(harness.Discipline.IsInputAvailable(1));
    }

    [Fact]
    public void Read_SmallBuffer_GivesALineInParts()
    {
        var harness = new DisciplineHarness();
        harness.Type("abcdef\nx\n");

        Assert.Equal("abc", harness.Read(3));
        Assert.Equal("def", harness.Read(3));
        Assert.Equal("\n", harness.Read(3));
        Assert.Equal("x\n", harness.Read(3));
    }

    [Fact]
    public void Read_EndOfFileAlone_GivesNothing()
    {
        var harness = new DisciplineHarness();
        harness.Type("\u0004");

        Assert.Equal("", harness.Read());
        Assert.Null(harness.Read());
    }

    [Fact]
    public void Read_EndOfFileAfterText_EndsTheRead()
    {
        var harness = new DisciplineHarness();
        harness.Type("ab\u0004cd\n");

        Assert.Equal("ab", harness.Read());
        Assert.Equal("cd\n", harness.Read());
        Assert.Equal("abcd\r\n", harness.Echo);
    }

    [Fact]
    public void Read_EndOfFileRightBehindAFullBuffer_IsTakenWithIt()
    {
        var harness = new DisciplineHarness();
        harness.Type("ab\u0004");

        Assert.Equal("ab", harness.Read(2));
        Assert.Null(harness.Read(2));
    }

    [Theory]
    [InlineData('\u0003', Signal.SIGINT, "^C")]
    [InlineData('\u001c', Signal.SIGQUIT, "^\\")]
    [InlineData('\u001a', Signal.SIGTSTP, "^Z")]
    public void Receive_SignalCharacter_RaisesFlushesAndEchoes(char typed, Signal signal, string shown)
    {
        var harness = new DisciplineHarness();

        harness.Type("lost");
        harness.Type(typed + "kept\n");

        Assert.Equal([signal], harness.Signals);
        Assert.Equal(1, harness.OutputFlushes);
        Assert.Equal("kept\n", harness.Read());
        Assert.Equal("lost" + shown + "kept\r\n", harness.Echo);
    }

    [Fact]
    public void Receive_SignalCharacterWithNoFlush_KeepsTheInput()
    {
        var harness = new DisciplineHarness().With(on: LocalModes.NOFLSH);

        harness.Type("kept\u0003\n");

        Assert.Equal("kept\n", harness.Read());
        Assert.Equal(0, harness.OutputFlushes);
    }

    [Fact]
    public void Receive_SignalCharacterWithoutIsig_IsInput()
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ISIG);

        harness.Type("a\u0003\n");

        Assert.Empty(harness.Signals);
        Assert.Equal("a\u0003\n", harness.Read());
    }

    [Fact]
    public void Receive_Raw_GivesEveryByteAtOnce()
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ICANON | LocalModes.ECHO | LocalModes.ISIG | LocalModes.IEXTEN, inputOff: InputModes.ICRNL | InputModes.IXON);

        harness.Type("a\u0003\u0004\r\n\u007f\u0011");

        Assert.Equal("a\u0003\u0004\r\n\u007f\u0011", harness.Read());
        Assert.Equal("", harness.Echo);
    }

    [Theory]
    [InlineData(InputModes.IGNCR, InputModes.None, "a\rb\n", "ab\n")]
    [InlineData(InputModes.INLCR, InputModes.ICRNL, "a\n", null)]
    [InlineData(InputModes.ISTRIP, InputModes.None, "\u00e1\n", "a\n")]
    [InlineData(InputModes.IUCLC, InputModes.None, "ABC\n", "abc\n")]
    public void Receive_InputMode_TranslatesCharacters(InputModes on, InputModes off, string typed, string? line)
    {
        var harness = new DisciplineHarness().With(inputOn: on, inputOff: off);

        harness.Type(typed);

        Assert.Equal(line, harness.Read());
    }

    [Fact]
    public void Receive_NoEchoButEchoNewline_ShowsTheNewlineAlone()
    {
        var harness = new DisciplineHarness().With(on: LocalModes.ECHONL, off: LocalModes.ECHO);

        harness.Type("secret\n");

        Assert.Equal("\r\n", harness.Echo);
        Assert.Equal("secret\n", harness.Read());
    }

    [Fact]
    public void Receive_Utf8Erase_TakesTheWholeCharacter()
    {
        var harness = new DisciplineHarness().With(inputOn: InputModes.IUTF8);

        harness.Type("a\u00c3\u00a9\u007fb\n");

        Assert.Equal("ab\n", harness.Read());
        Assert.Equal("a\u00c3\u00a9\b \bb\r\n", harness.Echo);
    }

    [Fact]
    public void Receive_PrintingEraseMode_ShowsWhatIsErased()
    {
        var harness = new DisciplineHarness().With(on: LocalModes.ECHOPRT);

        harness.Type("abc\u007f\u007fx\n");

        Assert.Equal("ax\n", harness.Read());
        Assert.Equal("abc\\cb/x\r\n", harness.Echo);
    }

    [Fact]
    public void Receive_StopAndStart_ChangeTheFlowAndAreNoInput()
    {
        var harness = new DisciplineHarness();

        harness.Type("\u0013");
        Assert.True(harness.Discipline.IsOutputStopped);

        harness.Type("\u0011");
        Assert.False(harness.Discipline.IsOutputStopped);
        Assert.Null(harness.Read());
    }

    [Fact]
    public void Receive_AnyCharacterWithIxany_Restarts()
    {
        var harness = new DisciplineHarness().With(inputOn: InputModes.IXANY);

        harness.Type("\u0013a");

        Assert.False(harness.Discipline.IsOutputStopped);
    }

    [Fact]
    public void Receive_LineOfMoreThan4096Bytes_KeepsTheFirstAndTheEnd()
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ECHO);

        harness.Type(new string('x', 5000) + "\n");

        Assert.Equal(new string('x', 4095) + "\n", harness.Read());
    }

    [Fact]
    public void Receive_QueueFullOfLines_RefusesUntilRead()
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ECHO);
        var line = new string('x', 1023) + "\n";

        var taken = harness.Type(line + line + line + line + line);

        Assert.InRange(taken, 4095, 4096);
        Assert.Equal(line, harness.Read());
        Assert.True(harness.Type("y") == 1);
    }

    [Fact]
    public void SetModes_ToRaw_GivesTheUnfinishedLine()
    {
        var harness = new DisciplineHarness();
        harness.Type("partial");

        harness.With(off: LocalModes.ICANON);

        Assert.Equal("partial", harness.Read());
    }

    [Fact]
    public void SetModes_ToCanonical_MakesALineOfTheRest()
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ICANON);
        harness.Type("rest");

        harness.With(on: LocalModes.ICANON);

        Assert.Equal("rest", harness.Read());
        Assert.Null(harness.Read());
    }

    [Theory]
    [InlineData(OutputModes.OPOST | OutputModes.ONLCR, "a\nb", "a\r\nb")]
    [InlineData(OutputModes.None, "a\nb", "a\nb")]
    [InlineData(OutputModes.OPOST | OutputModes.OCRNL, "a\rb", "a\nb")]
    [InlineData(OutputModes.OPOST | OutputModes.ONOCR, "\rab\r", "ab\r")]
    [InlineData(OutputModes.OPOST | OutputModes.OLCUC, "aBc", "ABC")]
    [InlineData(OutputModes.OPOST | OutputModes.XTABS, "ab\tc\t", "ab      c       ")]
    [InlineData(OutputModes.OPOST | OutputModes.XTABS | OutputModes.ONLCR, "abc\n\tx", "abc\r\n        x")]
    public void Process_OutputMode_Translates(OutputModes output, string written, string shown)
    {
        var modes = Termios.CreateDefault();
        modes.Output = output;

        Assert.Equal(shown, new DisciplineHarness(modes).Write(written));
    }

    [Fact]
    public void Process_LittleRoom_ConsumesWhatFits()
    {
        var discipline = new DisciplineHarness().Discipline;
        var buffer = new byte[3];

        var written = discipline.Output.Process("ab\ncd"u8, buffer, out var consumed);

        Assert.Equal(2, written);
        Assert.Equal(2, consumed);
    }

    [Theory]
    [InlineData(InputModes.IGNBRK, null, false)]
    [InlineData(InputModes.BRKINT, null, true)]
    [InlineData(InputModes.None, "\0", false)]
    [InlineData(InputModes.PARMRK, "\u00ff\0\0", false)]
    public void ReceiveErroneous_Break_FollowsTheModes(InputModes input, string? read, bool interrupts)
    {
        var harness = new DisciplineHarness().With(off: LocalModes.ICANON, inputOn: input);

        harness.Discipline.ReceiveErroneous(0, ReceiveError.Break);

        Assert.Equal(read, harness.Read());
        Assert.Equal(interrupts, harness.Discipline.TakeEffects().Signal == Signal.SIGINT);
    }

    /// <summary>Whatever comes in, in whatever modes: no exception, the queue keeps its bound, and canonical reads end at line ends.</summary>
    [Property(MaxTest = 300)]
    public void Receive_AnyBytesInAnyModes_KeepsTheInvariants(byte[] bytes, uint input, uint output, uint local, byte[] characters)
    {
        var modes = Termios.CreateDefault();
        modes.Input = (InputModes)(input & 0x7fff);
        modes.Output = (OutputModes)(output & 0x187f);
        modes.Local = (LocalModes)(local & 0x1ffff);
        for (var index = 0; index < Math.Min(characters.Length, ControlCharacters.Count); index++)
        {
            modes.Characters[index] = characters[index];
        }

        var harness = new DisciplineHarness(modes);
        for (var round = 0; round < 40; round++)
        {
            harness.Type(Encoding.Latin1.GetString(bytes));
            Assert.InRange(harness.Discipline.Input.Count, 0, InputBuffer.Capacity);
            if (round % 3 == 0)
            {
                _ = harness.Read(1 + round * 7);
            }

            if (round % 10 == 9)
            {
                harness.With(on: (LocalModes)(local ^ 2) & LocalModes.ICANON, off: (LocalModes)local & LocalModes.ICANON);
            }
        }

        while (harness.Read() is { } line)
        {
            if (harness.Discipline.IsCanonical && line.Length > 0)
            {
                Assert.InRange(line.Length, 1, InputBuffer.Capacity);
            }
        }
    }
}
