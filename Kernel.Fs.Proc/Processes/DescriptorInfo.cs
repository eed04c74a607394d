// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/fdinfo/n: position, flags, mount and inode.</summary>
internal static class DescriptorInfo
{
    public static ProcessFile For(int descriptor) => ProcessFile.Text("fdinfo", 0x124, (writer, subject, _) => Describe(writer, subject, descriptor));

    private static Errno Describe(PseudoFileWriter writer, ProcessSubject subject, int descriptor)
    {
        var table = subject.Thread.Files;
        if (table?.Get(descriptor) is not { } file)
        {
            return Errno.ENOENT;
        }

        var position = file.Seek(0, SeekOrigin.SEEK_CUR);
        var closesOnExec = table.GetCloseOnExec(descriptor);
        var flags = (int)file.StatusFlags | (closesOnExec.IsOk && closesOnExec.Value ? (int)OpenFlags.O_CLOEXEC : 0) | (int)OpenFlags.O_LARGEFILE;
        writer.Append("pos:\t").Append(position.IsOk ? position.Value : 0);
        writer.Append("\nflags:\t0");
        AppendOctal(writer, flags);
        writer.Append("\nmnt_id:\t").Append(file.Path.Mount?.Id ?? 0);
        writer.Append("\nino:\t").AppendUnsigned(file.Inode.Number).Append('\n');
        file.Release();
        return Errno.Success;
    }

    private static void AppendOctal(PseudoFileWriter writer, int value)
    {
        var shift = 30;
        while (shift > 0 && value >> shift == 0)
        {
            shift -= 3;
        }

        for (; shift >= 0; shift -= 3)
        {
            writer.Append((char)('0' + (value >> shift & 7)));
        }
    }
}
