// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;

namespace Kernel.Fs.Ram;

/// <summary>Mount options of tmpfs (man 5 tmpfs): size, nr_blocks, nr_inodes, mode, uid, gid.</summary>
internal sealed class RamFileSystemOptions
{
    private const int DefaultMode = 0x3ff;

    private long _defaultPages;

    /// <summary>Limit in pages; 0 for none.</summary>
    public long MaxPages { get; private set; }

    /// <summary>Limit in inodes; 0 for none.</summary>
    public long MaxInodes { get; private set; }

    public int Mode { get; private set; } = DefaultMode;

    public uint Uid { get; private set; }

    public uint Gid { get; private set; }

    /// <summary>True for tmpfs, false for ramfs.</summary>
    public bool IsLimited { get; private set; }

    /// <summary>Half of memory, as Linux's tmpfs.</summary>
    public static RamFileSystemOptions ForTmpfs(int mode = DefaultMode)
    {
        var half = Math.Max(1, PhysicalMemory.TotalPages / 2);
        return new RamFileSystemOptions { IsLimited = true, MaxPages = half, MaxInodes = half, Mode = mode, _defaultPages = half };
    }

    /// <summary>No limits.</summary>
    public static RamFileSystemOptions ForRamfs() => new() { Mode = 0x1ed };

    /// <summary>Reads what mount(2) was given.</summary>
    /// <returns>EINVAL for an option or a value that is not known.</returns>
    public Errno Parse(string text)
    {
        foreach (var option in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? option : option[..equals];
            var value = equals < 0 ? "" : option[(equals + 1)..];
            if (!TryApply(name, value))
            {
                return Errno.EINVAL;
            }
        }

        return Errno.Success;
    }

    /// <summary>As /proc/mounts shows it.</summary>
    public string Describe()
    {
        var text = "";
        if (!IsLimited)
        {
            return Mode == 0x1ed ? "" : ",mode=" + Octal(Mode);
        }

        if (MaxPages != _defaultPages)
        {
            text += ",size=" + (MaxPages * (Paging.PageSizeBytes / 1024)).ToString(CultureInfo.InvariantCulture) + "k";
        }

        if (MaxInodes != _defaultPages)
        {
            text += ",nr_inodes=" + MaxInodes.ToString(CultureInfo.InvariantCulture);
        }

        if (Mode != DefaultMode)
        {
            text += ",mode=" + Octal(Mode);
        }

        if (Uid != 0)
        {
            text += ",uid=" + Uid.ToString(CultureInfo.InvariantCulture);
        }

        if (Gid != 0)
        {
            text += ",gid=" + Gid.ToString(CultureInfo.InvariantCulture);
        }

        return text + ",inode64";
    }

    private bool TryApply(string name, string value)
    {
        switch (name)
        {
            case "mode" when TryParseOctal(value, out var mode):
                Mode = mode & 0xfff;
                return true;
            case "size" when IsLimited && value.EndsWith('%') && long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent):
                MaxPages = PhysicalMemory.TotalPages * percent / 100;
                return true;
            case "size" when IsLimited && TryParseSize(value, out var bytes):
                MaxPages = (bytes + Paging.PageSizeBytes - 1) >> Paging.PageShift;
                return true;
            case "nr_blocks" when IsLimited && TryParseSize(value, out var blocks):
                MaxPages = blocks;
                return true;
            case "nr_inodes" when IsLimited && TryParseSize(value, out var inodes):
                MaxInodes = inodes;
                return true;
            case "uid" when IsLimited && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var uid):
                Uid = uid;
                return true;
            case "gid" when IsLimited && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var gid):
                Gid = gid;
                return true;
            case "inode64" when IsLimited:
                return true;
            default:
                // Ramfs ignores what it does not know (ramfs_parse_param).
                return !IsLimited && name != "mode";
        }
    }

    private static bool TryParseOctal(string value, out int result)
    {
        result = 0;
        foreach (var digit in value)
        {
            if (digit is < '0' or > '7' || result > 0xfff)
            {
                return false;
            }

            result = result * 8 + digit - '0';
        }

        return value.Length > 0;
    }

    private static bool TryParseSize(string value, out long result)
    {
        result = 0;
        if (value.Length == 0)
        {
            return false;
        }

        var shift = char.ToLowerInvariant(value[^1]) switch { 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => 0 };
        var digits = shift == 0 ? value.AsSpan() : value.AsSpan(0, value.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue >> shift)
        {
            return false;
        }

        result = number << shift;
        return true;
    }

    private static string Octal(int mode)
    {
        Span<char> digits = stackalloc char[8];
        var position = digits.Length;
        do
        {
            digits[--position] = (char)('0' + (mode & 7));
            mode >>= 3;
        }
        while (mode != 0 || position > digits.Length - 3);

        return new string(digits[position..]);
    }
}
