// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Asterion.Osdk.Images;

/// <summary>
/// Writes a cpio archive in the "newc" format (magic 070701) as the Linux kernel reads it: see "initramfs buffer format" in the kernel's
/// documentation. Time stamps are fixed and inode numbers count up, so that the same content gives the same bytes. Disposing it ends the archive; the stream stays the caller's.
/// </summary>
internal sealed class CpioWriter(Stream output) : IDisposable
{
    private const int TypeFifo = 0x1000;
    private const int TypeCharacterDevice = 0x2000;
    private const int TypeDirectory = 0x4000;
    private const int TypeRegular = 0x8000;
    private const int TypeSymbolicLink = 0xA000;

    /// <summary>1 January 2024, 00:00 UTC: a date that is plainly not "now".</summary>
    private const uint ModificationTime = 1704067200;

    private readonly Stream _output = output;
    private uint _nextInode = 1;
    private long _position;

    /// <summary>Adds a directory.</summary>
    public void AddDirectory(string path, int mode = 0b111_101_101) => AddEntry(path, TypeDirectory | mode, 2, [], 0, 0);

    /// <summary>Adds a regular file.</summary>
    public void AddFile(string path, ReadOnlySpan<byte> content, int mode = 0b110_100_100) => AddEntry(path, TypeRegular | mode, 1, content, 0, 0);

    /// <summary>Adds a regular file with text.</summary>
    public void AddFile(string path, string content, int mode = 0b110_100_100) => AddFile(path, Encoding.UTF8.GetBytes(content), mode);

    /// <summary>Adds a symbolic link.</summary>
    public void AddSymbolicLink(string path, string target) => AddEntry(path, TypeSymbolicLink | 0b111_111_111, 1, Encoding.UTF8.GetBytes(target), 0, 0);

    /// <summary>Adds a character device node.</summary>
    public void AddCharacterDevice(string path, int major, int minor, int mode) => AddEntry(path, TypeCharacterDevice | mode, 1, [], major, minor);

    /// <summary>Adds a named pipe.</summary>
    public void AddFifo(string path, int mode) => AddEntry(path, TypeFifo | mode, 1, [], 0, 0);

    /// <summary>Writes the trailer.</summary>
    public void Dispose()
    {
        AddEntry("TRAILER!!!", 0, 1, [], 0, 0);
        _output.Flush();
    }

    private void AddEntry(string path, int mode, int links, ReadOnlySpan<byte> content, int deviceMajor, int deviceMinor)
    {
        byte[] name = Encoding.UTF8.GetBytes(path.TrimStart('/'));
        var header = new StringBuilder("070701", 110);
        ReadOnlySpan<uint> fields =
        [
            _nextInode++, (uint)mode, 0, 0, (uint)links, ModificationTime, (uint)content.Length,
            0, 0, (uint)deviceMajor, (uint)deviceMinor, (uint)name.Length + 1, 0,
        ];
        foreach (uint field in fields)
        {
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        }
        Write(Encoding.ASCII.GetBytes(header.ToString()));
        Write(name);
        Write([0]);
        Pad();
        Write(content);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad()
    {
        ReadOnlySpan<byte> zeros = [0, 0, 0];
        Write(zeros[..(int)(-_position & 3)]);
    }
}
