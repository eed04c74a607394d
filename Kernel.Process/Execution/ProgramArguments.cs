// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Process.Execution;

/// <summary>argv or envp in kernel memory: NUL-terminated strings one after the other.</summary>
internal sealed class StringTable
{
    private byte[] _bytes = new byte[1024];

    /// <summary>Bytes in use, NULs included.</summary>
    public int Length { get; private set; }

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Appends a string that does not hold its NUL.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length + 1);
        text.CopyTo(_bytes.AsSpan(Length));
        _bytes[Length + text.Length] = 0;
        Length += text.Length + 1;
        Count++;
    }

    /// <summary>Takes the first string away and puts others in its place.</summary>
    public void ReplaceFirst(params ReadOnlySpan<byte[]> replacements)
    {
        var rest = Count == 0 ? [] : Bytes[(Bytes.IndexOf((byte)0) + 1)..].ToArray();
        var restCount = Math.Max(0, Count - 1);
        Length = 0;
        Count = 0;
        foreach (var text in replacements)
            Add(text);
        Reserve(rest.Length);
        rest.CopyTo(_bytes.AsSpan(Length));
        Length += rest.Length;
        Count += restCount;
    }

    /// <summary>Room for a string that is copied in from elsewhere; <see cref="Commit"/> makes it count.</summary>
    public Span<byte> Reserve(int length)
    {
        if (_bytes.Length - Length < length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + length));
        return _bytes.AsSpan(Length, length);
    }

    /// <summary>The reserved room holds a string of that length, with its NUL.</summary>
    public void Commit(int lengthWithNul)
    {
        Length += lengthWithNul;
        Count++;
    }
}

/// <summary>What a new program gets on its stack: name, arguments and environment (man 2 execve, "Limits on size of arguments and environment").</summary>
internal sealed class ProgramArguments(byte[] fileName)
{
    /// <summary>The least that always fits, whatever RLIMIT_STACK says (ARG_MAX), and the most (three quarters of 8 MiB).</summary>
    private const long MinimumTotal = 131072;
    private const long MaximumTotal = 6 << 20;

    private const int ChunkBytes = 512;

    /// <summary>MAX_ARG_STRLEN, 32 pages: the longest single string, with its NUL.</summary>
    private static int MaximumStringLength => 32 * Paging.PageSizeBytes;

    /// <summary>The path given to execve; for AT_EXECFN.</summary>
    public byte[] FileName { get; set; } = fileName;

    public StringTable Arguments { get; } = new();

    public StringTable Environment { get; } = new();

    /// <summary>Bytes on the stack for strings and their pointers.</summary>
    private long TotalBytes => Arguments.Length + Environment.Length + FileName.Length + 1 + 8L * (Arguments.Count + Environment.Count);

    /// <summary>Copies argv and envp in.</summary>
    /// <returns>EFAULT; E2BIG.</returns>
    public Errno Read(ulong arguments, ulong environment, ResourceLimits limits)
    {
        var most = MostBytes(limits);
        var error = Read(Arguments, arguments, most);
        if (error != Errno.Success)
            return error;
        if (Arguments.Count == 0)
        {
            // Linux since 5.18: a program is never without argv[0].
            Arguments.Add([]);
        }

        return Read(Environment, environment, most);
    }

    /// <summary>True when all still fits, for scripts that add to it.</summary>
    public bool Fits(ResourceLimits limits) => TotalBytes <= MostBytes(limits);

    private static long MostBytes(ResourceLimits limits) => (long)Math.Clamp(limits.Soft(ResourceKind.Stack) / 4, (ulong)MinimumTotal, (ulong)MaximumTotal);

    private Errno Read(StringTable table, ulong pointers, long most)
    {
        if (pointers == 0)
            return Errno.Success;
        for (var address = pointers; ; address += 8)
        {
            if (!UserMemory.TryRead<ulong>(address, out var pointer))
                return Errno.EFAULT;
            if (pointer == 0)
                return Errno.Success;
            var error = ReadString(table, pointer);
            if (error != Errno.Success)
                return error;
            if (TotalBytes > most)
                return Errno.E2BIG;
        }
    }

    private static Errno ReadString(StringTable table, ulong address)
    {
        // Most strings are short: the room grows only for those that are not.
        for (var room = ChunkBytes; ; room = Math.Min(room * 8, MaximumStringLength))
        {
            var length = UserMemory.ReadString(address, table.Reserve(room));
            if (length < 0)
                return Errno.EFAULT;
            if (length < room)
            {
                table.Commit(length + 1);
                return Errno.Success;
            }

            if (room == MaximumStringLength)
                return Errno.E2BIG;
        }
    }
}
