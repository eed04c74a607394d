// SPDX-License-Identifier: MPL-2.0

using System;
using System.Reflection.Metadata;
using Asterion.Compiler.IL;
using Asterion.Compiler.Import;

namespace Asterion.Compiler.Preinit;

/// <summary>Numbers and branches. What would throw, and what depends on the processor, is left to run time.</summary>
internal sealed partial class Interpreter
{
    private sealed partial class Frame
    {
        private static IntegerValue Integer(StackKind kind, long bits) => new(kind, kind == StackKind.Int32 ? (int)bits : bits);

        private void ExecuteArithmetic(ILOpCode opcode)
        {
            switch (opcode)
            {
                case ILOpCode.Neg or ILOpCode.Not:
                    IntegerValue operand = Pop<IntegerValue>();
                    _stack.Push(Integer(operand.Kind, opcode == ILOpCode.Neg ? -operand.Bits : ~operand.Bits));
                    return;
                case ILOpCode.Shl or ILOpCode.Shr or ILOpCode.Shr_un:
                    int amount = (int)Pop<IntegerValue>().Bits;
                    IntegerValue shifted = Pop<IntegerValue>();
                    bool isShort = shifted.Kind == StackKind.Int32;
                    amount &= isShort ? 31 : 63;
                    _stack.Push(Integer(shifted.Kind, opcode switch
                    {
                        ILOpCode.Shl => shifted.Bits << amount,
                        ILOpCode.Shr => shifted.Bits >> amount,
                        _ => isShort ? (uint)shifted.Bits >> amount : shifted.Bits >>> amount,
                    }));
                    return;
                case ILOpCode.Ceq or ILOpCode.Cgt or ILOpCode.Cgt_un or ILOpCode.Clt or ILOpCode.Clt_un:
                    _stack.Push(Integer(StackKind.Int32, Compare(opcode) ? 1 : 0));
                    return;
                default:
                    break;
            }

            if (Conversion(opcode) is { } conversion)
            {
                IntegerValue source = Pop<IntegerValue>();
                _stack.Push(Integer(conversion.Kind, conversion.Convert(source)));
                return;
            }

            IntegerValue right = Pop<IntegerValue>();
            IntegerValue left = Pop<IntegerValue>();
            StackKind kind = left.Kind == right.Kind ? left.Kind : StackKind.Native;
            _stack.Push(Integer(kind, opcode switch
            {
                ILOpCode.Add => left.Bits + right.Bits,
                ILOpCode.Sub => left.Bits - right.Bits,
                ILOpCode.Mul => left.Bits * right.Bits,
                ILOpCode.And => left.Bits & right.Bits,
                ILOpCode.Or => left.Bits | right.Bits,
                ILOpCode.Xor => left.Bits ^ right.Bits,
                ILOpCode.Div when right.Bits is not (0 or -1) => left.Bits / right.Bits,
                ILOpCode.Rem when right.Bits is not (0 or -1) => left.Bits % right.Bits,
                _ => throw new PreinitException($"the instruction {opcode}"),
            }));
        }

        private static (StackKind Kind, Func<IntegerValue, long> Convert)? Conversion(ILOpCode opcode) => opcode switch
        {
            ILOpCode.Conv_i1 => (StackKind.Int32, v => (sbyte)v.Bits),
            ILOpCode.Conv_u1 => (StackKind.Int32, v => (byte)v.Bits),
            ILOpCode.Conv_i2 => (StackKind.Int32, v => (short)v.Bits),
            ILOpCode.Conv_u2 => (StackKind.Int32, v => (ushort)v.Bits),
            ILOpCode.Conv_i4 or ILOpCode.Conv_u4 => (StackKind.Int32, v => (int)v.Bits),
            ILOpCode.Conv_i8 => (StackKind.Int64, v => v.Bits),
            ILOpCode.Conv_i => (StackKind.Native, v => v.Bits),
            ILOpCode.Conv_u8 => (StackKind.Int64, v => v.Kind == StackKind.Int32 ? (uint)v.Bits : v.Bits),
            ILOpCode.Conv_u => (StackKind.Native, v => v.Kind == StackKind.Int32 ? (uint)v.Bits : v.Bits),
            _ => null,
        };

        /// <summary>Where a branch goes, or null for any other instruction.</summary>
        private int? Branch(Instruction instruction)
        {
            switch (instruction.OpCode)
            {
                case ILOpCode.Br or ILOpCode.Br_s:
                    return instruction.Target;
                case ILOpCode.Brtrue or ILOpCode.Brtrue_s:
                    return IsTrue(_stack.Pop()) ? instruction.Target : instruction.Next;
                case ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                    return IsTrue(_stack.Pop()) ? instruction.Next : instruction.Target;
                case ILOpCode.Switch:
                    long value = Pop<IntegerValue>().Bits;
                    int[] targets = instruction.SwitchTargets(_il.Code);
                    return value >= 0 && value < targets.Length ? targets[value] : instruction.Next;
                case >= ILOpCode.Beq_s and <= ILOpCode.Blt_un:
                    return Compare(instruction.OpCode) ? instruction.Target : instruction.Next;
                default:
                    return null;
            }
        }

        private static bool IsTrue(PreValue value) => value switch
        {
            IntegerValue integer => integer.Bits != 0,
            ReferenceValue reference => reference.Target is not null,
            _ => throw new PreinitException("a condition that is no number"),
        };

        private bool Compare(ILOpCode opcode)
        {
            if (_stack.TryPeek(out PreValue? top) && top is ReferenceValue)
            {
                return CompareReferences(opcode);
            }

            IntegerValue right = Pop<IntegerValue>();
            IntegerValue left = Pop<IntegerValue>();
            (ulong unsignedLeft, ulong unsignedRight) = left.Kind == StackKind.Int32 && right.Kind == StackKind.Int32
                ? ((uint)left.Bits, (uint)right.Bits)
                : ((ulong)left.Bits, (ulong)right.Bits);
            return opcode switch
            {
                ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s => left.Bits == right.Bits,
                ILOpCode.Bne_un or ILOpCode.Bne_un_s => left.Bits != right.Bits,
                ILOpCode.Cgt or ILOpCode.Bgt or ILOpCode.Bgt_s => left.Bits > right.Bits,
                ILOpCode.Clt or ILOpCode.Blt or ILOpCode.Blt_s => left.Bits < right.Bits,
                ILOpCode.Bge or ILOpCode.Bge_s => left.Bits >= right.Bits,
                ILOpCode.Ble or ILOpCode.Ble_s => left.Bits <= right.Bits,
                ILOpCode.Cgt_un or ILOpCode.Bgt_un or ILOpCode.Bgt_un_s => unsignedLeft > unsignedRight,
                ILOpCode.Clt_un or ILOpCode.Blt_un or ILOpCode.Blt_un_s => unsignedLeft < unsignedRight,
                ILOpCode.Bge_un or ILOpCode.Bge_un_s => unsignedLeft >= unsignedRight,
                _ => unsignedLeft <= unsignedRight,
            };
        }

        // One of the two has to be null: what two objects are at run time, only the program says.
        private bool CompareReferences(ILOpCode opcode)
        {
            PreObject? right = Pop<ReferenceValue>().Target;
            PreObject? left = Pop<ReferenceValue>().Target;
            if (left is not null && right is not null)
            {
                throw new PreinitException("compares two objects");
            }

            bool isSame = left is null && right is null;
            return opcode switch
            {
                ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s => isSame,
                ILOpCode.Cgt_un or ILOpCode.Bne_un or ILOpCode.Bne_un_s => !isSame,
                _ => throw new PreinitException($"the instruction {opcode} on references"),
            };
        }
    }
}
