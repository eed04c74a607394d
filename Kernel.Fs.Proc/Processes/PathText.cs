// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Files;

namespace Kernel.Fs.Proc.Processes;

/// <summary>Paths as procfs shows them.</summary>
internal static class PathText
{
    /// <summary>The absolute path from the reader's root, or <c>pipe:[17]</c> for a file without a place.</summary>
    public static byte[] Describe(FilePath path, IThread reader)
        => path.Inode.FileSystem.TypeName is "pipefs" or "sockfs" or "anon_inodefs"
            ? AnonymousInodes.Describe(path.Inode)
            : VirtualFileSystem.Describe(path, reader.FileSystem.Root);

    /// <summary>Appends a path with blanks, tabs, newlines and backslashes in octal (man 5 fstab, getmntent(3)).</summary>
    public static void AppendEscaped(PseudoFileWriter writer, global::System.ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\\' or (byte)'#')
            {
                writer.Append('\\').Append((char)('0' + (value >> 6))).Append((char)('0' + (value >> 3 & 7))).Append((char)('0' + (value & 7)));
            }
            else
            {
                writer.Append((char)value);
            }
        }
    }
}
