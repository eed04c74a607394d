// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using FsCheck.Xunit;
using Kernel.Process.Execution;
using Ostd.Memory;
using Xunit;

namespace Kernel.Process.Tests;

public class ElfTests
{
    private const ulong UserSpaceEnd = 0x7ffffffff000;

    [Fact]
    public void Header_OfAnExecutable_IsTakenApart()
    {
        Assert.True(ElfHeader.TryParse(MakeHeader(), ElfMachine.X64, out var header));
        Assert.Equal(new ElfHeader(ElfType.Executable, 0x401000, 64, 3), header);
    }

    [Theory]
    [InlineData(0, 0x7e)] // magic
    [InlineData(4, 1)] // 32 bits
    [InlineData(5, 2)] // big-endian
    [InlineData(16, 1)] // relocatable
    [InlineData(18, 183)] // another machine
    [InlineData(54, 55)] // odd program headers
    [InlineData(56, 0)] // none
    public void Header_WithAWrongByte_IsRefused(int offset, byte value)
    {
        var bytes = MakeHeader();
        bytes[offset] = value;
        Assert.False(ElfHeader.TryParse(bytes, ElfMachine.X64, out _));
    }

    [Fact]
    public void Header_Truncated_IsRefused()
    {
        var bytes = MakeHeader();
        for (var length = 0; length < ElfHeader.SizeBytes; length++)
            Assert.False(ElfHeader.TryParse(bytes.AsSpan(0, length), ElfMachine.X64, out _));
    }

    [Property(MaxTest = 500)]
    public void Header_OfAnyBytes_NeverThrows(byte[] bytes, ushort position)
    {
        var header = MakeHeader();
        for (var i = 0; i < bytes.Length; i++)
            header[(position + i) % header.Length] = bytes[i];
        ElfHeader.TryParse(header, ElfMachine.X64, out _);
    }

    [Fact]
    public void Plan_OfAFilePart_IsRoundedToPages()
    {
        var header = new ElfProgramHeader(ElfSegmentType.Load, ElfProgramHeader.Read | ElfProgramHeader.Write, 0x1234, 0x402234, 0x100, 0x5000, 0x1000);
        Assert.True(ElfSegmentPlan.TryMake(header, 0, 4096, UserSpaceEnd, out var plan));
        Assert.Equal(PageProtection.Read | PageProtection.Write, plan.Protection);
        Assert.Equal((0x402000UL, 0x1000UL, 0x334UL), (plan.FileAddress, plan.FileOffset, plan.FileLength));
        Assert.Equal((0x402334UL, 0xcccUL), (plan.ZeroStart, plan.ZeroLength));
        Assert.Equal((0x403000UL, 0x5000UL), (plan.AnonymousAddress, plan.AnonymousLength));
    }

    [Fact]
    public void Plan_WithoutAFilePart_IsAnonymousFromItsFirstPage()
    {
        var header = new ElfProgramHeader(ElfSegmentType.Load, ElfProgramHeader.Read, 0, 0x402234, 0, 0x10, 0x1000);
        Assert.True(ElfSegmentPlan.TryMake(header, 0x1000, 4096, UserSpaceEnd, out var plan));
        Assert.Equal((0UL, 0UL), (plan.FileLength, plan.ZeroLength));
        Assert.Equal((0x403000UL, 0x1000UL), (plan.AnonymousAddress, plan.AnonymousLength));
    }

    [Theory]
    [InlineData(0x1000, 0x401000, 0x200, 0x100)] // the file part is larger
    [InlineData(0x1001, 0x401000, 0x100, 0x100)] // offset and address differ within the page
    [InlineData(0x1000, 0x7ffffffff000, 0x100, 0x1000)] // beyond user space
    [InlineData(0x1000, 0x401000, 0x100, 0xffffffffffff0000)] // wraps
    public void Plan_OfANonsensicalSegment_IsRefused(ulong offset, ulong address, ulong fileSize, ulong memorySize)
    {
        var header = new ElfProgramHeader(ElfSegmentType.Load, ElfProgramHeader.Read, offset, address, fileSize, memorySize, 0x1000);
        Assert.False(ElfSegmentPlan.TryMake(header, 0, 4096, UserSpaceEnd, out _));
    }

    [Property(MaxTest = 1000)]
    public void Plan_OfAnySegment_StaysInUserSpaceAndIsPageAligned(ulong offset, ulong address, ulong fileSize, ulong memorySize, ulong bias, byte shape)
    {
        // Small numbers as often as large ones, and matching offsets, so that many are accepted.
        if ((shape & 1) != 0)
            (address, fileSize, memorySize) = (address & 0xffffff, fileSize & 0xffff, memorySize & 0xfffff);
        if ((shape & 2) != 0)
            offset = address & 0xfff;
        if ((shape & 4) != 0)
            bias = 0;
        var header = new ElfProgramHeader(ElfSegmentType.Load, ElfProgramHeader.Write, offset, address, fileSize, memorySize, 0x1000);
        if (!ElfSegmentPlan.TryMake(header, bias, 4096, UserSpaceEnd, out var plan))
            return;
        Assert.Equal(0UL, (plan.FileAddress | plan.AnonymousAddress | plan.AnonymousLength) & 0xfff);
        Assert.True(plan.FileAddress + plan.FileLength <= UserSpaceEnd);
        Assert.True(plan.AnonymousAddress + plan.AnonymousLength <= UserSpaceEnd + 0xfff);
        Assert.True(plan.FileLength == 0 || (plan.FileOffset & 0xfff) == 0);
        Assert.True(plan.ZeroLength < 4096);
    }

    [Property(MaxTest = 500)]
    public void Span_OfAnySegments_NeverThrows(ulong firstAddress, ulong firstSize, ulong secondAddress, ulong secondSize)
    {
        ElfProgramHeader[] headers =
        [
            new(ElfSegmentType.Load, 4, 0, firstAddress, 0, firstSize, 0x1000),
            new(ElfSegmentType.Load, 4, 0, secondAddress, 0, secondSize, 0x1000),
        ];
        if (ElfSegmentPlan.TryGetSpan(headers, 4096, out var start, out var length))
            Assert.True(start <= firstAddress && length >= Math.Min(firstSize, 1) && start + length >= start);
    }

    private static byte[] MakeHeader()
    {
        var bytes = new byte[ElfHeader.SizeBytes];
        "\u007fELF"u8.CopyTo(bytes);
        bytes[4] = 2;
        bytes[5] = 1;
        bytes[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(16), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(18), 62);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), 0x401000);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(54), 56);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(56), 3);
        return bytes;
    }
}
