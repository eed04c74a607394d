// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Ostd.Arch.Acpi;

/// <summary>
/// What the Multiple APIC Description Table says (ACPI specification 6.4, section 5.2.12): the CPUs that are there, the I/O APIC that serves the ISA interrupts, and how those are
/// wired to it.
/// </summary>
internal unsafe struct InterruptTable
{
    /// <summary>CPUs that are remembered.</summary>
    public const int MaxCpus = 64;

    /// <summary>ISA interrupts.</summary>
    public const int IsaCount = 16;

    private const int EntriesOffset = 44;
    private const uint EnabledFlag = 1;
    private const byte IsaBus = 0;

    /// <summary>Number of CPUs that the firmware enabled.</summary>
    public int CpuCount;

    /// <summary>Physical address of the I/O APIC; 0 when the table names none.</summary>
    public ulong IoApicAddress;

    /// <summary>The number by which other tables name the I/O APIC.</summary>
    public byte IoApicId;

    // By CPU, in the order of the table.
    private fixed uint _apicIds[MaxCpus];

    // By ISA interrupt: the input it is wired to, and the flags of the override.
    private fixed uint _isaInput[IsaCount];
    private fixed ushort _isaFlags[IsaCount];

    /// <summary>Number by which interrupts are sent to a CPU.</summary>
    public readonly uint ApicIdOf(int cpu)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)cpu, (uint)CpuCount);

        // SAFETY: the index is checked; CpuCount does not exceed the buffer.
        return _apicIds[cpu];
    }

    /// <summary>The I/O APIC's input of an ISA interrupt.</summary>
    public readonly uint InputOf(int isaIrq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)isaIrq, (uint)IsaCount);

        // SAFETY: the index is checked.
        return _isaInput[isaIrq];
    }

    /// <summary>The interrupt is active low: polarity bits of the flags (section 5.2.12.5); the ISA bus itself is active high.</summary>
    // SAFETY: the index is masked to the buffer's length.
    public readonly bool IsActiveLow(int isaIrq) => (_isaFlags[isaIrq & (IsaCount - 1)] & 3) == 3;

    /// <summary>The interrupt is level-triggered: trigger bits of the flags; the ISA bus itself is edge-triggered.</summary>
    // SAFETY: the index is masked to the buffer's length.
    public readonly bool IsLevelTriggered(int isaIrq) => (_isaFlags[isaIrq & (IsaCount - 1)] >> 2 & 3) == 3;

    /// <summary>The state without a table: no CPU is known, interrupts are wired one to one but for the interval timer, as on every PC.</summary>
    public void Reset()
    {
        this = default;
        for (int irq = 0; irq < IsaCount; irq++)
        {
            // SAFETY: the index is within the buffer.
            _isaInput[irq] = irq == 0 ? 2 : (uint)irq;
        }
    }

    /// <summary>Reads the table.</summary>
    /// <param name="table">The whole table, its length and checksum verified. Entries that leave it, or are shorter than their kind, end the reading.</param>
    public void Read(ReadOnlySpan<byte> table)
    {
        Reset();
        if (table.Length < EntriesOffset)
        {
            return;
        }

        // A table that overrides anything describes the whole wiring: without an override an interrupt is wired to the input of its number.
        for (int irq = 0; irq < IsaCount; irq++)
        {
            // SAFETY: the index is within the buffer.
            _isaInput[irq] = (uint)irq;
        }

        ReadOnlySpan<byte> rest = table[EntriesOffset..];
        while (rest.Length >= 2 && rest[1] >= 2 && rest[1] <= rest.Length)
        {
            ReadEntry(rest[..rest[1]]);
            rest = rest[rest[1]..];
        }
    }

    private void ReadEntry(ReadOnlySpan<byte> entry)
    {
        switch (entry[0])
        {
            case 0 when entry.Length >= 8: // processor local APIC
                AddCpu(entry[3], BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]));
                break;
            case 1 when entry.Length >= 12: // I/O APIC; only the one whose inputs begin with 0 serves the ISA interrupts
                if (IoApicAddress == 0 && BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) == 0)
                {
                    IoApicAddress = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
                    IoApicId = entry[2];
                }

                break;
            case 2 when entry.Length >= 10: // interrupt source override
                if (entry[2] == IsaBus && entry[3] < IsaCount)
                {
                    // SAFETY: the index is checked just now.
                    _isaInput[entry[3]] = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
                    _isaFlags[entry[3]] = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
                }

                break;
            case 9 when entry.Length >= 16: // processor local x2APIC
                AddCpu(BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]));
                break;
            default:
                break;
        }
    }

    private void AddCpu(uint apicId, uint flags)
    {
        if ((flags & EnabledFlag) == 0 || CpuCount == MaxCpus)
        {
            return;
        }

        // SAFETY: both indices are below CpuCount, or CpuCount itself, which is below the buffer's length.
        for (int i = 0; i < CpuCount; i++)
        {
            if (_apicIds[i] == apicId)
            {
                return; // listed twice, as local APIC and x2APIC
            }
        }

        _apicIds[CpuCount++] = apicId;
    }
}
