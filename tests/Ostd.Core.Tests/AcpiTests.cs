// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Ostd.Arch.Acpi;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>The firmware's tables, well-formed and not.</summary>
// SAFETY: each test owns the native block that it reads tables from.
public sealed unsafe class AcpiTests : IDisposable
{
    private const int MemorySize = 0x2_0000;
    private const int RootPointer = 0x1000;
    private const int Rsdt = 0x2000;
    private const int Xsdt = 0x3000;
    private const int Madt = 0x4000;

    private readonly byte* _memory = (byte*)NativeMemory.AllocZeroed(MemorySize);

    private Span<byte> Bytes => new(_memory, MemorySize);

    public void Dispose() => NativeMemory.Free(_memory);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WellFormedTables_AreRead(bool isExtended)
    {
        Write(isExtended, [0, 8, 0, 7, 1, 0, 0, 0], [0, 8, 1, 9, 1, 0, 0, 0], [0, 8, 2, 11, 0, 0, 0, 0],
            [1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0], [2, 10, 0, 9, 20, 0, 0, 0, 0x0f, 0],
            [9, 16, 0, 0, 0x2c, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
        Assert.True(TryRead(out InterruptTable table));
        Assert.Equal(3, table.CpuCount);
        Assert.Equal(7u, table.ApicIdOf(0));
        Assert.Equal(9u, table.ApicIdOf(1));
        Assert.Equal(300u, table.ApicIdOf(2));
        Assert.Equal(0xfec0_0000ul, table.IoApicAddress);
        Assert.Equal(20u, table.InputOf(9));
        Assert.True(table.IsActiveLow(9));
        Assert.True(table.IsLevelTriggered(9));
        Assert.Equal(4u, table.InputOf(4));
        Assert.False(table.IsLevelTriggered(4));
    }

    [Fact]
    public void RootPointer_NotTold_IsSearchedInTheBiosDataArea()
    {
        Write(true, [0, 8, 0, 7, 1, 0, 0, 0]);
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes[0x40e..], RootPointer >> 4);
        Assert.True(AcpiTables.TryFind(Memory, 0, "APIC"u8, out _));
    }

    [Fact]
    public void WrongChecksum_MakesATableInvisible()
    {
        Write(true, [0, 8, 0, 7, 1, 0, 0, 0]);
        Bytes[Madt + 47]++;
        Assert.False(TryRead(out _));
    }

    [Fact]
    public void MoreCpusThanRemembered_AreLeftOut()
    {
        var entries = new byte[100][];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = [0, 8, 0, (byte)i, 1, 0, 0, 0];
        }

        Write(true, entries);
        Assert.True(TryRead(out InterruptTable table));
        Assert.Equal(InterruptTable.MaxCpus, table.CpuCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public void EntryOfAWrongLength_EndsTheReading(byte length)
    {
        Write(true, [0, 8, 0, 7, 1, 0, 0, 0], [0, length, 0, 8, 1, 0, 0, 0]);
        Assert.True(TryRead(out InterruptTable table));
        Assert.Equal(1, table.CpuCount);
    }

    [Fact]
    public void DamagedTables_WithRepairedChecksums_NeverThrow()
    {
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            Bytes.Clear();
            Write((round & 1) != 0, [0, 8, 0, 7, 1, 0, 0, 0], [2, 10, 0, 9, 20, 0, 0, 0, 15, 0], [1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0]);
            for (int i = 0; i < 3; i++)
            {
                int table = random.Next(4) switch { 0 => RootPointer, 1 => Rsdt, 2 => Xsdt, _ => Madt };
                Bytes[table + random.Next(8, 80)] = (byte)random.Next(256);
            }

            Seal(Rsdt);
            Seal(Xsdt);
            Seal(Madt);
            Repair(RootPointer, 8, 20);
            Repair(RootPointer, 32, 36);
            if (TryRead(out InterruptTable result))
            {
                Assert.InRange(result.CpuCount, 0, InterruptTable.MaxCpus);
            }
        }
    }

    private AcpiMemory Memory => new(_memory, MemorySize);

    private bool TryRead(out InterruptTable table)
    {
        table = default;
        if (!AcpiTables.TryFind(Memory, RootPointer, "APIC"u8, out ReadOnlySpan<byte> bytes))
        {
            return false;
        }

        table.Read(bytes);
        return true;
    }

    private void Write(bool isExtended, params byte[][] entries)
    {
        "RSD PTR "u8.CopyTo(Bytes[RootPointer..]);
        Bytes[RootPointer + 15] = isExtended ? (byte)2 : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes[(RootPointer + 16)..], Rsdt);
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes[(RootPointer + 20)..], 36);
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes[(RootPointer + 24)..], Xsdt);
        Repair(RootPointer, 8, 20);
        Repair(RootPointer, 32, 36);

        Header(Rsdt, "RSDT"u8, 40);
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes[(Rsdt + 36)..], Madt);
        Seal(Rsdt);
        Header(Xsdt, "XSDT"u8, 44);
        BinaryPrimitives.WriteUInt64LittleEndian(Bytes[(Xsdt + 36)..], Madt);
        Seal(Xsdt);

        int length = 44;
        foreach (byte[] entry in entries)
        {
            entry.CopyTo(Bytes[(Madt + length)..]);
            length += entry.Length;
        }

        Header(Madt, "APIC"u8, length);
        Seal(Madt);
    }

    private void Header(int table, ReadOnlySpan<byte> signature, int length)
    {
        signature.CopyTo(Bytes[table..]);
        BinaryPrimitives.WriteInt32LittleEndian(Bytes[(table + 4)..], length);
    }

    // The checksum over the length that the table states, where that is sane.
    private void Seal(int table)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Bytes[(table + 4)..]);
        if (length > 9 && length < 0x1000)
        {
            Repair(table, 9, length);
        }
    }

    private void Repair(int start, int checksum, int length)
    {
        Bytes[start + checksum] = 0;
        byte sum = 0;
        foreach (byte value in Bytes.Slice(start, length))
        {
            sum += value;
        }

        Bytes[start + checksum] = (byte)-sum;
    }
}
