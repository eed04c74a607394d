// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Executes a method's or a stub's call frame instructions (DWARF 4, section 6.4) up to an address and steps to the caller. Knows what ilc, LLVM and the stubs' assembler emit:
/// registers saved at offsets from the CFA, which is a register plus an offset. Which registers there are says <see cref="UnwindRegisters"/>, one for each architecture.
/// </summary>
// SAFETY: ilc, LLVM or the stubs' assembler wrote the FDE: its augmentation is skipped here and it ends where its length says, which bounds Execute. SetOffset bounds register numbers. The stack is read only when the CFA was found to be
// aligned, not below SP (on x86-64 above it) and inside of the running task's stack; registers are saved between SP and the CFA.
internal static unsafe class FrameUnwinder
{
    /// <summary>Of a register that the frame has not saved.</summary>
    internal const int NotSaved = int.MinValue;

    /// <summary>Steps out of a frame.</summary>
    /// <param name="method">What the frame executes.</param>
    /// <param name="pc">Where it stands.</param>
    /// <param name="registers">The frame's registers; after the call its caller's, with IP the return address.</param>
    /// <returns>False when the instructions are not understood or the stack is not one.</returns>
    [InterruptSafe]
    internal static bool TryStep(in MethodInfo method, nuint pc, ref RegisterDisplay registers) => TryStep(method.Fde, method.RangeStart, pc, ref registers);

    /// <summary>Steps out of a frame.</summary>
    /// <param name="fde">Its description: a method's, or a stub's.</param>
    /// <param name="start">First address that it covers.</param>
    /// <param name="pc">Where the frame stands.</param>
    /// <param name="registers">The frame's registers; after the call its caller's, with IP the return address.</param>
    /// <returns>False when the instructions are not understood or the stack is not one.</returns>
    [InterruptSafe]
    internal static bool TryStep(byte* fde, nuint start, nuint pc, ref RegisterDisplay registers)
    {
        ref CommonDescription common = ref CommonDescriptions.Of(fde);
        if (!common.IsUnderstood)
        {
            return false;
        }

        UnwindRow row = common.InitialRow;
        byte* p = fde + 16;
        ulong augmentation = LittleEndianBase128.ReadUnsigned(ref p);
        p += augmentation;
        if (!Execute(p, fde + 4 + *(uint*)fde, pc, start, common.CodeAlignment, common.DataAlignment, ref row))
        {
            return false;
        }

        nuint cfa = UnwindRegisters.Get(in registers, row.CfaRegister) + (nuint)row.CfaOffset;
        RuntimeThread* thread = ArchRuntime.GetThread();
        if (cfa < registers.Sp + UnwindRegisters.PushedByCall || cfa > thread->StackHigh || cfa - 8 < thread->StackLow || (cfa & 7) != 0)
        {
            return false;
        }

        return UnwindRegisters.TryRestore(ref registers, cfa, row.Offsets);
    }

    /// <summary>Executes call frame instructions up to an address.</summary>
    /// <param name="p">The first one.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="pc">The address.</param>
    /// <param name="location">The address from which the first one's row holds.</param>
    /// <param name="codeAlignment">What advances are multiples of.</param>
    /// <param name="dataAlignment">What offsets are multiples of.</param>
    /// <param name="row">The row before the first one; afterwards that of the address.</param>
    /// <returns>False when one is not understood.</returns>
    [InterruptSafe]
    internal static bool Execute(byte* p, byte* end, nuint pc, nuint location, ulong codeAlignment, long dataAlignment, ref UnwindRow row)
    {
        UnwindRow remembered = row;
        while (p < end)
        {
            byte operation = *p++;
            byte operand = (byte)(operation & 0x3f);
            switch (operation >> 6)
            {
                case 1: // DW_CFA_advance_loc
                    location += operand * (nuint)codeAlignment;
                    if (location > pc)
                    {
                        return true;
                    }

                    continue;
                case 2: // DW_CFA_offset
                    if (!SetOffset(ref row, operand, (long)LittleEndianBase128.ReadUnsigned(ref p) * dataAlignment))
                    {
                        return false;
                    }

                    continue;
                case 3: // DW_CFA_restore: to the CIE's rule
                    if (!SetOffset(ref row, operand, UnwindRegisters.InitialOffset(operand)))
                    {
                        return false;
                    }

                    continue;
                default:
                    break;
            }

            switch (operation)
            {
                case 0x00: // DW_CFA_nop
                    break;
                case 0x02: // DW_CFA_advance_loc1
                    location += *p++ * (nuint)codeAlignment;
                    if (location > pc)
                    {
                        return true;
                    }

                    break;
                case 0x03: // DW_CFA_advance_loc2
                    location += *(ushort*)p * (nuint)codeAlignment;
                    p += 2;
                    if (location > pc)
                    {
                        return true;
                    }

                    break;
                case 0x04: // DW_CFA_advance_loc4
                    location += *(uint*)p * (nuint)codeAlignment;
                    p += 4;
                    if (location > pc)
                    {
                        return true;
                    }

                    break;
                case 0x05: // DW_CFA_offset_extended
                    {
                        ulong register = LittleEndianBase128.ReadUnsigned(ref p);
                        if (!SetOffset(ref row, register, (long)LittleEndianBase128.ReadUnsigned(ref p) * dataAlignment))
                        {
                            return false;
                        }

                        break;
                    }

                case 0x0a: // DW_CFA_remember_state
                    remembered = row;
                    break;
                case 0x0b: // DW_CFA_restore_state
                    row = remembered;
                    break;
                case 0x0c: // DW_CFA_def_cfa
                    row.CfaRegister = (int)LittleEndianBase128.ReadUnsigned(ref p);
                    row.CfaOffset = (long)LittleEndianBase128.ReadUnsigned(ref p);
                    break;
                case 0x0d: // DW_CFA_def_cfa_register
                    row.CfaRegister = (int)LittleEndianBase128.ReadUnsigned(ref p);
                    break;
                case 0x0e: // DW_CFA_def_cfa_offset
                    row.CfaOffset = (long)LittleEndianBase128.ReadUnsigned(ref p);
                    break;
                case 0x11: // DW_CFA_offset_extended_sf
                    {
                        ulong register = LittleEndianBase128.ReadUnsigned(ref p);
                        if (!SetOffset(ref row, register, LittleEndianBase128.ReadSigned(ref p) * dataAlignment))
                        {
                            return false;
                        }

                        break;
                    }

                case 0x12: // DW_CFA_def_cfa_sf
                    row.CfaRegister = (int)LittleEndianBase128.ReadUnsigned(ref p);
                    row.CfaOffset = LittleEndianBase128.ReadSigned(ref p) * dataAlignment;
                    break;
                case 0x13: // DW_CFA_def_cfa_offset_sf
                    row.CfaOffset = LittleEndianBase128.ReadSigned(ref p) * dataAlignment;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    [InterruptSafe]
    private static bool SetOffset(ref UnwindRow row, ulong register, long offset)
    {
        if (register >= UnwindRegisters.Count)
        {
            return false;
        }

        row.Offsets[(int)register] = (int)offset;
        return true;
    }
}
