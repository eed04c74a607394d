// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Ostd.Arch.Acpi;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Firmware's table of DMA remapping units (Intel VT-d specification 4.0, chapter 8), well-formed and not.</summary>
public sealed class RemappingTableTests
{
    private const ulong Address = 0xfed9_0000;

    [Fact]
    public void WellFormedTable_IsRead()
    {
        byte[] second = Unit(0xfed9_2000, size: 2, scopes: [[1, 8, 0, 0, 0, 0, 2, 0]]);
        byte[] reservedMemory = Entry(1, new byte[20]);
        Assert.True(TryRead(out RemappingTable table, Unit(Address, scopes: [[3, 8, 0, 0, 5, 0xf0, 31, 7]]), reservedMemory, second));
        Assert.Null(table.Problem);
        Assert.True(table.AllowsInterruptRemapping);
        Assert.Equal(2, table.UnitCount);
        Assert.Equal(Address, table.AddressOf(0));
        Assert.Equal(4096ul, table.LengthOf(0));
        Assert.Equal(0xfed9_2000ul, table.AddressOf(1));
        Assert.Equal(4 * 4096ul, table.LengthOf(1));
        Assert.True(table.TryGetIoApicSource(5, out ushort source));
        Assert.Equal(0xf0ff, source);
        Assert.False(table.TryGetIoApicSource(0, out _));
    }

    [Fact]
    public void IoApicBehindABridge_IsNotTaken()
    {
        Assert.True(TryRead(out RemappingTable table, Unit(Address, scopes: [[3, 10, 0, 0, 5, 0, 1, 0, 2, 0]])));
        Assert.False(table.TryGetIoApicSource(5, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(36)]
    [InlineData(47)]
    public void TableShorterThanItsHeader_IsRefused(int length)
    {
        RemappingTable table = default;
        Assert.False(table.Read(new byte[length]));
        Assert.NotNull(table.Problem);
    }

    [Fact]
    public void TableWithoutUnits_IsRefused() => Assert.False(TryRead(out _));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(0xffff)]
    public void EntryOfAWrongLength_IsRefused_AndUnitsBeforeItAreKeptFromDrivers(int length)
    {
        byte[] broken = Unit(0xfeda_0000);
        BinaryPrimitives.WriteUInt16LittleEndian(broken.AsSpan(2), (ushort)length);
        Assert.False(TryRead(out RemappingTable table, Unit(Address), broken));
        Assert.NotNull(table.Problem);
        Assert.Equal(1, table.UnitCount);
        Assert.Equal(Address, table.AddressOf(0));
    }

    [Fact]
    public void RestThatIsNoEntry_IsRefused() => Assert.False(TryRead(out _, Unit(Address), [0, 0]));

    [Theory]
    [InlineData(0ul)]
    [InlineData(0xfed9_0001ul)]
    [InlineData(1ul << 52)]
    [InlineData(ulong.MaxValue - 4095)]
    public void ImpossibleAddress_IsRefused(ulong address) => Assert.False(TryRead(out _, Unit(address)));

    [Fact]
    public void UnitsThatShareRegisters_AreRefused() => Assert.False(TryRead(out _, Unit(Address, size: 1), Unit(Address + 4096)));

    [Fact]
    public void OtherSegment_IsRefused() => Assert.False(TryRead(out _, Unit(Address, segment: 1)));

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(9)]
    [InlineData(255)]
    public void ScopeOfAWrongLength_IsRefused(byte length) => Assert.False(TryRead(out _, Unit(Address, scopes: [[3, length, 0, 0, 0, 0, 0, 0]])));

    [Fact]
    public void MoreUnitsThanRemembered_AreRefused()
    {
        var units = new byte[RemappingTable.MaxUnits + 1][];
        for (int i = 0; i < units.Length; i++)
        {
            units[i] = Unit(Address + (ulong)i * 4096);
        }

        Assert.False(TryRead(out RemappingTable table, units));
        Assert.Equal(RemappingTable.MaxUnits, table.UnitCount);
    }

    [Fact]
    public void MoreIoApicsThanRemembered_AreRefused()
    {
        var scopes = new byte[RemappingTable.MaxIoApics + 1][];
        Array.Fill(scopes, [3, 8, 0, 0, 0, 0, 0, 0]);
        Assert.False(TryRead(out _, Unit(Address, scopes: scopes)));
    }

    [Fact]
    public void DamagedTables_NeverThrow()
    {
        var random = new Random(1);
        for (int round = 0; round < 50_000; round++)
        {
            byte[] bytes = Make(Unit(Address, scopes: [[3, 8, 0, 0, 0, 0xff, 0, 0]]), Entry(1, new byte[20]), Unit(0xfeda_0000, size: 1));
            for (int i = 0; i < 3; i++)
            {
                bytes[random.Next(48, bytes.Length)] = (byte)random.Next(256);
            }

            RemappingTable table = default;
            bool isGood = table.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            Assert.Equal(isGood, table.Problem is null);
            Assert.InRange(table.UnitCount, isGood ? 1 : 0, RemappingTable.MaxUnits);
        }
    }

    private static bool TryRead(out RemappingTable table, params byte[][] entries)
    {
        table = default;
        return table.Read(Make(entries));
    }

    private static byte[] Make(params byte[][] entries)
    {
        var bytes = new List<byte>(new byte[48]);
        bytes[37] = 1;
        foreach (byte[] entry in entries)
        {
            bytes.AddRange(entry);
        }

        return [.. bytes];
    }

    private static byte[] Unit(ulong address, int size = 0, ushort segment = 0, byte[][]? scopes = null)
    {
        var body = new List<byte>([0, (byte)size, (byte)segment, (byte)(segment >> 8), .. BitConverter.GetBytes(address)]);
        foreach (byte[] scope in scopes ?? [])
        {
            body.AddRange(scope);
        }

        return Entry(0, [.. body]);
    }

    private static byte[] Entry(ushort type, byte[] body) => [.. BitConverter.GetBytes(type), .. BitConverter.GetBytes((ushort)(4 + body.Length)), .. body];
}
