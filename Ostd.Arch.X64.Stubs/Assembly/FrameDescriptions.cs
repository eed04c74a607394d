// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using Iced.Intel;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>
/// Writes call frame information for stubs (DWARF 4, section 6.4, in the form of the Linux Standard Base's "Exception Frames") into <c>.eh_frame</c>, so that a walk that begins at an
/// interrupted instruction of a stub, or comes to the return address of a stub's call, finds the caller exactly. Debuggers read it too.
/// </summary>
/// <remarks>
/// The assembler knows each push and pop it emits, so the description is computed and cannot be forgotten. There is no language-specific data: by that the runtime
/// knows a stub's description from a method's, and no exception passes a stub. Neighbouring blocks that never move RSP share one description.
/// </remarks>
internal sealed class FrameDescriptions
{
    private const byte DW_CFA_advance_loc = 0x40;
    private const byte DW_CFA_offset = 0x80;
    private const byte DW_CFA_restore = 0xc0;
    private const byte DW_CFA_advance_loc1 = 0x02;
    private const byte DW_CFA_advance_loc2 = 0x03;
    private const byte DW_CFA_def_cfa = 0x0c;
    private const byte DW_CFA_def_cfa_offset = 0x0e;
    private const byte DW_EH_PE_pcrel_sdata4 = 0x1b;
    private const byte ReturnAddressColumn = 16;
    private const byte DataAlignment = 0x78; // -8

    private sealed record Range(string Section, string Symbol, ulong SymbolOffset, ulong Start, List<(ulong Offset, StackRow Row)> Rows)
    {
        public ulong End { get; set; }
    }

    private readonly List<Range> _ranges = [];

    /// <summary>Adds a block of code.</summary>
    /// <param name="section">Its section.</param>
    /// <param name="symbol">A symbol of it.</param>
    /// <param name="symbolOffset">Where in the section that stands.</param>
    /// <param name="offsets">Where its instructions begin, and where the last ends.</param>
    /// <param name="rows">Their rows.</param>
    public void Add(string section, string symbol, ulong symbolOffset, IReadOnlyList<ulong> offsets, IReadOnlyList<StackRow?> rows)
    {
        Range? current = null;
        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i] is not { } row)
            {
                current = null;
                continue;
            }

            if (current == null)
            {
                bool isLeaf = i == 0 && rows.All(r => r is { IsLeaf: true });
                if (isLeaf && _ranges.Count > 0 && _ranges[^1] is { Rows.Count: 1 } previous && previous.Rows[0].Row.IsLeaf
                    && previous.Section == section && offsets[0] - previous.End < 16)
                {
                    current = previous; // what lies between is padding
                }
                else
                {
                    current = new Range(section, symbol, symbolOffset, offsets[i], [(offsets[i], row)]);
                    _ranges.Add(current);
                }
            }
            else if (!current.Rows[^1].Row.Equals(row))
            {
                current.Rows.Add((offsets[i], row));
            }

            current.End = offsets[i + 1];
        }
    }

    /// <summary>Writes what was added.</summary>
    /// <param name="o">The object whose code it is.</param>
    public void Write(StubObject o)
    {
        DataBlock frames = o.Data(".eh_frame");
        int common = frames.Position;

        // Version, augmentation, alignment factors, return address; the CFA is RSP + 8 and the return address lies at CFA - 8.
        byte[] information =
        [
            1, (byte)'z', (byte)'R', 0, 1, DataAlignment, ReturnAddressColumn, 1, DW_EH_PE_pcrel_sdata4,
            DW_CFA_def_cfa, Column(Register.RSP), 8, DW_CFA_offset | ReturnAddressColumn, 1,
        ];
        Put(frames, 0, information, () => { });
        foreach (Range range in _ranges)
        {
            var program = new List<byte> { 0 }; // no augmentation data
            StackRow before = new(Register.RSP, 8, []);
            ulong location = range.Start;
            foreach ((ulong offset, StackRow row) in range.Rows)
            {
                Advance(program, offset - location);
                location = offset;
                Change(program, before, row);
                before = row;
            }

            Put(frames, frames.Position + 4 - common, [.. program], () =>
                frames.Relative32(range.Symbol, (long)(range.Start - range.SymbolOffset)).Int32((long)(range.End - range.Start)));
        }
    }

    // An entry: its length without itself, a multiple of 8 less 4; its kind or the distance to the common entry; the rest, filled up with DW_CFA_nop.
    private static void Put(DataBlock frames, int identity, byte[] program, Action addresses)
    {
        int fixedSize = identity == 0 ? 4 : 12;
        int length = fixedSize + program.Length;
        int padded = (length + 4 + 7) / 8 * 8 - 4;
        frames.Int32(padded).Int32(identity);
        addresses();
        frames.Bytes(program).Bytes(new byte[padded - length]);
    }

    private static void Advance(List<byte> program, ulong distance)
    {
        switch (distance)
        {
            case 0:
                break;
            case < 0x40:
                program.Add((byte)(DW_CFA_advance_loc | distance));
                break;
            case < 0x100:
                program.AddRange([DW_CFA_advance_loc1, (byte)distance]);
                break;
            default:
                program.AddRange([DW_CFA_advance_loc2, (byte)distance, checked((byte)(distance >> 8))]);
                break;
        }
    }

    private static void Change(List<byte> program, StackRow before, StackRow row)
    {
        if (row.CfaRegister != before.CfaRegister)
        {
            program.AddRange([DW_CFA_def_cfa, Column(row.CfaRegister), .. TrapFrameInformation.Unsigned(row.CfaOffset)]);
        }
        else if (row.CfaOffset != before.CfaOffset)
        {
            program.AddRange([DW_CFA_def_cfa_offset, .. TrapFrameInformation.Unsigned(row.CfaOffset)]);
        }

        foreach ((Register register, _) in before.Saved.Except(row.Saved))
        {
            program.Add((byte)(DW_CFA_restore | Column(register)));
        }

        foreach ((Register register, int offset) in row.Saved.Except(before.Saved))
        {
            program.AddRange([(byte)(DW_CFA_offset | Column(register)), .. TrapFrameInformation.Unsigned(-offset / 8)]);
        }
    }

    // x86-64 psABI, table 3.36.
    private static byte Column(Register register) => register switch
    {
        Register.RBX => 3,
        Register.RBP => 6,
        Register.RSP => 7,
        >= Register.R12 and <= Register.R15 => (byte)(12 + (register - Register.R12)),
        _ => throw new ArgumentOutOfRangeException(nameof(register)),
    };
}
