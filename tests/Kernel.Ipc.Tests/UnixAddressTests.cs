// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Ipc.Sockets;
using Xunit;

namespace Kernel.Ipc.Tests;

public class UnixAddressTests
{
    [Theory]
    [InlineData(new byte[] { 1 }, false)]
    [InlineData(new byte[] { 2, 0, (byte)'a' }, false)]
    [InlineData(new byte[] { 1, 1, (byte)'a' }, false)]
    [InlineData(new byte[] { 1, 0 }, true)]
    [InlineData(new byte[] { 1, 0, (byte)'a' }, true)]
    public void Parse_ChecksFamilyAndLength(byte[] address, bool isGood)
        => Assert.Equal(isGood ? Errno.Success : Errno.EINVAL, UnixAddress.Parse(address, out _));

    [Fact]
    public void Parse_OfAnAddressLongerThanSockaddrUn_IsRefused()
    {
        var address = new byte[2 + 109];
        address[0] = UnixAddress.AF_UNIX;

        Assert.Equal(Errno.EINVAL, UnixAddress.Parse(address, out _));
    }

    [Fact]
    public void Parse_OfAPath_EndsAtItsNul()
    {
        byte[] address = [1, 0, .. "/run/s\0junk"u8];

        UnixAddress.Parse(address, out var name);

        Assert.Equal("/run/s"u8.ToArray(), name.ToArray());
    }

    [Fact]
    public void Parse_OfAnAbstractName_KeepsEveryByte()
    {
        byte[] address = [1, 0, .. "\0a\0b"u8];

        UnixAddress.Parse(address, out var name);

        Assert.Equal("\0a\0b"u8.ToArray(), name.ToArray());
        Assert.Equal(address, UnixAddress.Format(name));
    }
}
