// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.Processes;

/// <summary>The entries of /proc/pid (man 5 proc), in the order in which they are listed.</summary>
internal static class ProcessFiles
{
    private const int ReadAll = 0x124;
    private const int ReadOwner = 0x100;
    private const int WriteOwner = 0x1a4;
    private const int MaxCommandLine = 1 << 20;

    private static readonly ProcessFile[] s_all =
    [
        ProcessFile.Directory("task", 0x16d, ProcessFileKind.Tasks),
        ProcessFile.Directory("fd", 0x140, ProcessFileKind.Descriptors),
        ProcessFile.Directory("fdinfo", 0x16d, ProcessFileKind.DescriptorInfos),
        ProcessFile.Text("environ", ReadOwner, static (writer, subject, _) => CopyMemory(writer, subject, static layout => (layout.EnvironmentStart, layout.EnvironmentEnd)), needsInspection: true),
        ProcessFile.Text("auxv", ReadOwner, Auxiliary, needsInspection: true),
        ProcessFile.Text("status", ReadAll, ProcessStatus.Describe),
        ProcessFile.Text("limits", ReadAll, ProcessLimits.Describe),
        ProcessFile.Text("comm", WriteOwner, Command, accept: SetCommand),
        ProcessFile.Text("cmdline", ReadAll, static (writer, subject, _) => CopyMemory(writer, subject, static layout => (layout.ArgumentsStart, layout.ArgumentsEnd))),
        ProcessFile.Text("stat", ReadAll, ProcessStat.Describe),
        ProcessFile.Text("statm", ReadAll, ProcessStat.DescribeMemory),
        ProcessFile.Text("maps", ReadAll, Maps, needsInspection: true),
        ProcessFile.Link("cwd", static subject => PlaceOrNothing(subject.Thread.FileSystem?.WorkingDirectory)),
        ProcessFile.Link("root", static subject => PlaceOrNothing(subject.Thread.FileSystem?.Root)),
        ProcessFile.Link("exe", static subject => PlaceOrNothing(subject.Process.Executable?.Path)),
        ProcessFile.Text("mounts", ReadAll, MountTables.DescribeMounts),
        ProcessFile.Text("mountinfo", ReadAll, MountTables.DescribeMountInfo),
        ProcessFile.Text("wchan", ReadAll, static (writer, _, _) => Done(writer.Append('0'))),
        ProcessFile.Text("oom_score", ReadAll, static (writer, _, _) => Done(writer.Append("0\n"))),
        ProcessFile.Text("oom_score_adj", ReadAll, static (writer, _, _) => Done(writer.Append("0\n"))),
        ProcessFile.Text("loginuid", ReadAll, static (writer, _, _) => Done(writer.Append("4294967295"))),
        ProcessFile.Text("sessionid", ReadAll, static (writer, _, _) => Done(writer.Append("4294967295"))),
        ProcessFile.Text("make-it-fail", WriteOwner, AllocationFailureFiles.Describe, accept: AllocationFailureFiles.Set),
        ProcessFile.Text("fail-nth", WriteOwner, AllocationFailureFiles.DescribeNth, accept: AllocationFailureFiles.SetNth),
        ProcessFile.Text("personality", ReadOwner, static (writer, subject, _) => Done(writer.AppendHex(subject.Thread.Attributes.Personality, 8).Append('\n')), needsInspection: true),
    ];

    public static ReadOnlySpan<ProcessFile> All => s_all;

    private static Errno Done(PseudoFileWriter writer)
    {
        _ = writer;
        return Errno.Success;
    }

    private static Result<FilePath> PlaceOrNothing(FilePath? path) => path is { IsNowhere: false } place ? place : Errno.ENOENT;

    private static Errno Command(PseudoFileWriter writer, ProcessSubject subject, IThread reader) => Done(writer.Append(subject.Thread.CommandName).Append('\n'));

    /// <summary>A process may name its own threads.</summary>
    private static Errno SetCommand(ReadOnlySpan<byte> text, ProcessSubject subject, IThread writer)
    {
        const int maxLength = 15;
        if (!ReferenceEquals(writer.Process, subject.Process))
        {
            return Errno.EINVAL;
        }

        var end = text.IndexOfAny((byte)'\n', (byte)0);
        text = end < 0 ? text : text[..end];
        subject.Thread.CommandName = Encoding.Latin1.GetString(text[..Math.Min(text.Length, maxLength)]);
        return Errno.Success;
    }

    private static Errno Auxiliary(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
        => subject.Process.AddressSpace is { } space ? Done(writer.Append(space.Layout.AuxiliaryVector)) : Errno.Success;

    private static Errno Maps(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        subject.Process.AddressSpace?.DescribeAreas(writer, reader);
        return Errno.Success;
    }

    /// <summary>Copies a range of the process's own memory; a process without memory has none.</summary>
    private static Errno CopyMemory(PseudoFileWriter writer, ProcessSubject subject, Func<Abstractions.Memory.ProgramLayout, (ulong Start, ulong End)> select)
    {
        if (subject.Process.AddressSpace is not { Layout: { } layout } space)
        {
            return Errno.Success;
        }

        var (start, end) = select(layout);
        var buffer = new byte[1024];
        for (var address = start; address < end && address - start < MaxCommandLine;)
        {
            var wanted = (int)Math.Min(end - address, (ulong)buffer.Length);
            var copied = space.Read(address, buffer.AsSpan(0, wanted));
            writer.Append(buffer.AsSpan(0, copied));
            if (copied < wanted)
            {
                break;
            }

            address += (ulong)copied;
        }

        return Errno.Success;
    }
}
