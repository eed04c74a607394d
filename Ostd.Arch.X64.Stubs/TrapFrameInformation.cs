// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// Tells a debugger how to get from a kernel trap's handler to the code that was interrupted (DWARF 4, section 6.4). In <c>.debug_frame</c>, which is not loaded: the kernel's own
/// unwinder, which reads <c>.eh_frame</c>, ends at a trap on purpose, since no exception may cross one.
/// </summary>
internal static class TrapFrameInformation
{
    private const byte DW_CFA_offset = 0x80;
    private const byte DW_CFA_def_cfa = 0x0c;
    private const int ReturnAddressColumn = 16;
    private const int StackPointerColumn = 7;

    // Column (x86-64 psABI, figure 3.36) and place in the trap frame of what the interrupted code has to get back.
    private static readonly (byte Column, int Offset)[] s_saved =
    [
        (0, TrapLayout.Rax), (1, TrapLayout.Rdx), (2, TrapLayout.Rcx), (3, TrapLayout.Rbx), (4, TrapLayout.Rsi), (5, TrapLayout.Rdi), (6, TrapLayout.Rbp),
        (StackPointerColumn, TrapLayout.Rsp), (8, TrapLayout.R8), (9, TrapLayout.R9), (10, TrapLayout.R10), (11, TrapLayout.R11), (12, TrapLayout.R12), (13, TrapLayout.R13),
        (14, TrapLayout.R14), (15, TrapLayout.R15), (ReturnAddressColumn, TrapLayout.Rip),
    ];

    /// <summary>Describes the places to which <c>KernelTrap</c> returns.</summary>
    /// <param name="o">The object that holds them.</param>
    /// <param name="returns">Their symbols.</param>
    public static void Build(StubObject o, params string[] returns)
    {
        DataBlock frames = o.Data(".debug_frame");

        // The canonical frame address is the end of the trap frame; RSP points to the XMM registers below it. The augmentation "S" marks the frame of a signal handler:
        // the address in the frame below is the next instruction itself and not a return address.
        var common = new List<byte> { 1, (byte)'S', 0, 1, 0x78, ReturnAddressColumn, DW_CFA_def_cfa, StackPointerColumn };
        common.AddRange(Unsigned(VectorSize(o) + TrapLayout.FrameSize));
        foreach ((byte column, int offset) in s_saved)
        {
            common.Add((byte)(DW_CFA_offset | column));
            common.AddRange(Unsigned((TrapLayout.FrameSize - offset) / 8));
        }

        // A length without itself that ends at a multiple of 8, filled up with DW_CFA_nop.
        while ((common.Count + 8) % 8 != 0)
        {
            common.Add(0);
        }

        frames.Int32(common.Count + 4).Int32(0xffff_ffff).Bytes([.. common]);
        foreach (string symbol in returns)
        {
            // A debugger looks up a return address less one. The common information stands at the section's start: no other object has this section.
            frames.Int32(20).Int32(0).Address64(symbol, -1).Int64(2);
        }
    }

    /// <summary>Bytes below the trap frame that hold XMM registers while the handler runs.</summary>
    internal static int VectorSize(StubObject o) => o.UsesVectors ? TrapLayout.KernelXmmSize : 0;

    internal static byte[] Unsigned(int value)
    {
        var bytes = new List<byte>();
        do
        {
            byte part = (byte)(value & 0x7f);
            value >>= 7;
            bytes.Add((byte)(value != 0 ? part | 0x80 : part));
        }
        while (value != 0);
        return [.. bytes];
    }
}
