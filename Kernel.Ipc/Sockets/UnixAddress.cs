// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;

namespace Kernel.Ipc.Sockets;

/// <summary>Addresses of AF_UNIX (man 7 unix): <c>struct sockaddr_un</c> is a family and up to 108 bytes of path; a path that begins with NUL is an abstract name.</summary>
internal static class UnixAddress
{
    public const int AF_UNIX = 1;
    public const int FamilyBytes = 2;
    private const int PathBytes = 108;

    /// <summary>The address of a socket that has none: the family alone.</summary>
    public static byte[] Unnamed { get; } = [AF_UNIX, 0];

    /// <summary>Checks an address and takes its name: a path without its NUL, an abstract name with its leading NUL, or empty for "bind me anywhere".</summary>
    /// <returns>EINVAL for another family or a wrong length.</returns>
    public static Errno Parse(ReadOnlySpan<byte> address, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (address.Length is < FamilyBytes or > FamilyBytes + PathBytes || (address[0] | address[1] << 8) != AF_UNIX)
        {
            return Errno.EINVAL;
        }

        name = address[FamilyBytes..];
        if (!name.IsEmpty && name[0] != 0)
        {
            var end = name.IndexOf((byte)0);
            name = end < 0 ? name : name[..end];
        }

        return Errno.Success;
    }

    /// <summary>The address for a name; a path gets its NUL back.</summary>
    public static byte[] Format(ReadOnlySpan<byte> name)
    {
        var isPath = name[0] != 0;
        var address = new byte[FamilyBytes + name.Length + (isPath ? 1 : 0)];
        address[0] = AF_UNIX;
        name.CopyTo(address.AsSpan(FamilyBytes));
        return address;
    }

    /// <summary>A dictionary key of an abstract name.</summary>
    public static string ToKey(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);
}
