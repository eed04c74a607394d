// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using FsCheck.Xunit;
using Kernel.Process.Execution;
using Xunit;

namespace Kernel.Process.Tests;

public class StackImageTests
{
    private const ulong Top = 0x7ffffffff000;

    [Fact]
    public void Build_OfAProgram_LaysOutWhatTheAbiSays()
    {
        var image = Build(["ls", "-l"], ["HOME=/", "TERM=linux"], out var random);

        // argc, argv, envp
        Assert.Equal(0UL, image.StackPointer % 16);
        Assert.Equal(2UL, Word(image, image.StackPointer));
        Assert.Equal("ls", Text(image, Word(image, image.StackPointer + 8)));
        Assert.Equal("-l", Text(image, Word(image, image.StackPointer + 16)));
        Assert.Equal(0UL, Word(image, image.StackPointer + 24));
        Assert.Equal("HOME=/", Text(image, Word(image, image.StackPointer + 32)));
        Assert.Equal("TERM=linux", Text(image, Word(image, image.StackPointer + 40)));
        Assert.Equal(0UL, Word(image, image.StackPointer + 48));

        // the auxiliary vector
        var auxiliary = Auxiliary(image, image.StackPointer + 56);
        Assert.Equal(4096UL, auxiliary[AuxiliaryType.AT_PAGESZ]);
        Assert.Equal("/bin/ls", Text(image, auxiliary[AuxiliaryType.AT_EXECFN]));
        Assert.Equal("x86_64", Text(image, auxiliary[AuxiliaryType.AT_PLATFORM]));
        Assert.Equal(random, image.Bytes.AsSpan((int)(auxiliary[AuxiliaryType.AT_RANDOM] - image.StackPointer), 16).ToArray());

        // strings lie in one row, and the last word is null
        Assert.Equal("ls\0-l\0", Encoding.ASCII.GetString(image.Bytes.AsSpan((int)(image.ArgumentsStart - image.StackPointer), (int)(image.ArgumentsEnd - image.ArgumentsStart))));
        Assert.Equal("HOME=/\0TERM=linux\0", Encoding.ASCII.GetString(image.Bytes.AsSpan((int)(image.ArgumentsEnd - image.StackPointer), (int)(image.EnvironmentEnd - image.ArgumentsEnd))));
        Assert.Equal(0UL, Word(image, Top - 8));
    }

    [Property(MaxTest = 200)]
    public void Build_OfAnyStrings_KeepsThemAll(byte[][] arguments, byte[][] environment)
    {
        var program = new ProgramArguments("/x"u8.ToArray());
        AddAll(program.Arguments, arguments);
        AddAll(program.Environment, environment);
        var image = StackImage.Build(Top, program, new byte[16], "x86_64", []);
        Assert.Equal(0UL, image.StackPointer % 16);
        Assert.Equal(Top, image.StackPointer + (ulong)image.Bytes.Length);
        var address = image.StackPointer + 8;
        for (var i = 0; i < program.Arguments.Count; i++, address += 8)
            Assert.InRange(Word(image, address), image.ArgumentsStart, image.ArgumentsEnd - 1);
        Assert.Equal(0UL, Word(image, address));
        address += 8;
        for (var i = 0; i < program.Environment.Count; i++, address += 8)
            Assert.InRange(Word(image, address), image.ArgumentsEnd, image.EnvironmentEnd - 1);
        Assert.Equal(0UL, Word(image, address));
    }

    [Fact]
    public void ReplaceFirst_InATable_KeepsTheRest()
    {
        var table = new StringTable();
        table.Add("script"u8);
        table.Add("one"u8);
        table.Add("two"u8);
        table.ReplaceFirst("/bin/sh"u8.ToArray(), "-e"u8.ToArray(), "./script"u8.ToArray());
        Assert.Equal(5, table.Count);
        Assert.Equal("/bin/sh\0-e\0./script\0one\0two\0", Encoding.ASCII.GetString(table.Bytes));
    }

    private static void AddAll(StringTable table, byte[][] texts)
    {
        foreach (var text in texts ?? [])
            table.Add(Array.FindAll(text ?? [], static value => value != 0));
    }

    private static StackImage Build(string[] arguments, string[] environment, out byte[] random)
    {
        var program = new ProgramArguments("/bin/ls"u8.ToArray());
        foreach (var text in arguments)
            program.Arguments.Add(Encoding.ASCII.GetBytes(text));
        foreach (var text in environment)
            program.Environment.Add(Encoding.ASCII.GetBytes(text));
        random = new byte[16];
        for (var i = 0; i < random.Length; i++)
            random[i] = (byte)(i + 1);
        return StackImage.Build(Top, program, random, "x86_64", [(AuxiliaryType.AT_PAGESZ, 4096)]);
    }

    private static ulong Word(StackImage image, ulong address) =>
        BinaryPrimitives.ReadUInt64LittleEndian(image.Bytes.AsSpan((int)(address - image.StackPointer)));

    private static string Text(StackImage image, ulong address)
    {
        var bytes = image.Bytes.AsSpan((int)(address - image.StackPointer));
        return Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)0)]);
    }

    private static Dictionary<AuxiliaryType, ulong> Auxiliary(StackImage image, ulong address)
    {
        var entries = new Dictionary<AuxiliaryType, ulong>();
        for (; Word(image, address) != 0; address += 16)
            entries.Add((AuxiliaryType)Word(image, address), Word(image, address + 8));
        return entries;
    }
}
