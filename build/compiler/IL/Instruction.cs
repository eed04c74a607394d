// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Reflection.Metadata;

namespace Asterion.Compiler.IL;

/// <summary>One instruction. The operand is a number, a token, a branch target (an offset from the method's start), or the offset of a switch's table.</summary>
internal readonly record struct Instruction(int Offset, ILOpCode OpCode, long Operand, int Next)
{
    public int Token => (int)Operand;

    public int Target => (int)Operand;

    /// <summary>Reads the instruction at an offset (ECMA-335, III.1.9 and VI.C).</summary>
    public static Instruction Read(ReadOnlySpan<byte> il, int offset)
    {
        int at = offset;
        int code = il[at++];
        if (code == 0xfe)
        {
            code = 0xfe00 | il[at++];
        }

        var opcode = (ILOpCode)code;
        long operand = 0;
        switch (OperandSize(opcode))
        {
            case -1:
                operand = (sbyte)il[at] + at + 1;
                at += 1;
                break;
            case -4:
                operand = BinaryPrimitives.ReadInt32LittleEndian(il[at..]) + at + 4;
                at += 4;
                break;
            case 1:
                operand = opcode is ILOpCode.Ldc_i4_s ? (sbyte)il[at] : il[at];
                at += 1;
                break;
            case 2:
                operand = BinaryPrimitives.ReadUInt16LittleEndian(il[at..]);
                at += 2;
                break;
            case 4:
                operand = BinaryPrimitives.ReadInt32LittleEndian(il[at..]);
                at += 4;
                break;
            case 8:
                operand = BinaryPrimitives.ReadInt64LittleEndian(il[at..]);
                at += 8;
                break;
            case SwitchTable:
                operand = at;
                at += 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(il[at..]));
                break;
            default:
                break;
        }

        return new Instruction(offset, opcode, operand, at);
    }

    /// <summary>The targets of a switch.</summary>
    public int[] SwitchTargets(ReadOnlySpan<byte> il)
    {
        var targets = new int[BinaryPrimitives.ReadInt32LittleEndian(il[(int)Operand..])];
        for (int i = 0; i < targets.Length; i++)
        {
            targets[i] = Next + BinaryPrimitives.ReadInt32LittleEndian(il[((int)Operand + 4 + (4 * i))..]);
        }

        return targets;
    }

    private const int SwitchTable = 100;

    // Negative: a branch's distance.
    private static int OperandSize(ILOpCode opcode) => opcode switch
    {
        ILOpCode.Switch => SwitchTable,
        >= ILOpCode.Br_s and <= ILOpCode.Blt_un_s or ILOpCode.Leave_s => -1,
        >= ILOpCode.Br and <= ILOpCode.Blt_un or ILOpCode.Leave => -4,
        >= ILOpCode.Ldarg_s and <= ILOpCode.Stloc_s or ILOpCode.Ldc_i4_s or ILOpCode.Unaligned => 1,
        (ILOpCode)0xfe19 => 1, // no.
        >= ILOpCode.Ldarg and <= ILOpCode.Stloc => 2,
        ILOpCode.Ldc_i4 or ILOpCode.Ldc_r4 or ILOpCode.Jmp or ILOpCode.Call or ILOpCode.Calli or ILOpCode.Callvirt or ILOpCode.Cpobj or ILOpCode.Ldobj
            or ILOpCode.Ldstr or ILOpCode.Newobj or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox or ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld
            or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld or ILOpCode.Stobj or ILOpCode.Box or ILOpCode.Newarr or ILOpCode.Ldelema or ILOpCode.Ldelem
            or ILOpCode.Stelem or ILOpCode.Unbox_any or ILOpCode.Refanyval or ILOpCode.Mkrefany or ILOpCode.Ldtoken or ILOpCode.Ldftn or ILOpCode.Ldvirtftn
            or ILOpCode.Initobj or ILOpCode.Constrained or ILOpCode.Sizeof => 4,
        ILOpCode.Ldc_i8 or ILOpCode.Ldc_r8 => 8,
        _ => 0,
    };
}
