// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>The table of instructions (ECMA-335, III.3 and III.4), and those that fit into a line or two.</summary>
internal sealed partial class MethodImporter
{
    // Prefixes hold for the next instruction.
    private bool _isVolatile;
    private bool _isReadOnly;
    private int _alignment;
    private TypeDesc? _constrained;

    private void ImportInstruction(Instruction instruction)
    {
        ILOpCode opcode = instruction.OpCode;
        switch (opcode)
        {
            case ILOpCode.Volatile:
                _isVolatile = true;
                return;
            case ILOpCode.Readonly:
                _isReadOnly = true;
                return;
            case ILOpCode.Unaligned:
                _alignment = (int)instruction.Operand;
                return;
            case ILOpCode.Constrained:
                _constrained = _il.Scope.GetType(instruction.Token);
                return;
            case ILOpCode.Tail:
                return;
            default:
                break;
        }

        switch (opcode)
        {
            case ILOpCode.Nop or ILOpCode.Break:
                break;
            case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3:
                LoadArgument(opcode - ILOpCode.Ldarg_0);
                break;
            case ILOpCode.Ldarg or ILOpCode.Ldarg_s:
                LoadArgument((int)instruction.Operand);
                break;
            case ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                LoadAddress(_arguments[(int)instruction.Operand]);
                break;
            case ILOpCode.Starg or ILOpCode.Starg_s:
                StoreVariable(_arguments[(int)instruction.Operand]);
                break;
            case >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3:
                LoadLocal(opcode - ILOpCode.Ldloc_0);
                break;
            case ILOpCode.Ldloc or ILOpCode.Ldloc_s:
                LoadLocal((int)instruction.Operand);
                break;
            case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                LoadAddress(_locals[(int)instruction.Operand]);
                break;
            case >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3:
                StoreVariable(_locals[opcode - ILOpCode.Stloc_0]);
                break;
            case ILOpCode.Stloc or ILOpCode.Stloc_s:
                StoreVariable(_locals[(int)instruction.Operand]);
                break;
            case ILOpCode.Ldnull:
                Push(StackKind.Object, "null");
                break;
            case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8:
                PushConstant(StackKind.Int32, (int)opcode - (int)ILOpCode.Ldc_i4_0);
                break;
            case ILOpCode.Ldc_i4 or ILOpCode.Ldc_i4_s:
                PushConstant(StackKind.Int32, instruction.Operand);
                break;
            case ILOpCode.Ldc_i8:
                PushConstant(StackKind.Int64, instruction.Operand);
                break;
            case ILOpCode.Ldc_r4:
                // LLVM writes a float as the double of the same value.
                Push(StackKind.Single, FloatConstant(BitConverter.Int32BitsToSingle((int)instruction.Operand)));
                break;
            case ILOpCode.Ldc_r8:
                Push(StackKind.Double, FloatConstant(BitConverter.Int64BitsToDouble(instruction.Operand)));
                break;
            case ILOpCode.Ldstr:
                Push(new StackValue(StackKind.Object, _compilation.StringSymbol(_il.Scope.GetString(instruction.Token))) { Type = System.String, IsNonNull = true, IsExact = true });
                break;
            case ILOpCode.Dup:
                StackValue top = PopRaw();
                Push(top);
                Push(top);
                break;
            case ILOpCode.Pop:
                PopRaw();
                break;
            case ILOpCode.Ret:
                Return();
                break;
            case (>= ILOpCode.Br_s and <= ILOpCode.Blt_un) or ILOpCode.Switch or ILOpCode.Leave or ILOpCode.Leave_s or ILOpCode.Throw or ILOpCode.Rethrow
                or ILOpCode.Endfinally or ILOpCode.Endfilter:
                ImportBranch(instruction);
                break;
            case ILOpCode.Add or ILOpCode.Sub or ILOpCode.Mul or ILOpCode.And or ILOpCode.Or or ILOpCode.Xor:
                BinaryOperation(opcode);
                break;
            case ILOpCode.Add_ovf or ILOpCode.Add_ovf_un or ILOpCode.Sub_ovf or ILOpCode.Sub_ovf_un or ILOpCode.Mul_ovf or ILOpCode.Mul_ovf_un:
                CheckedOperation(opcode);
                break;
            case ILOpCode.Div or ILOpCode.Div_un or ILOpCode.Rem or ILOpCode.Rem_un:
                Division(opcode);
                break;
            case ILOpCode.Shl or ILOpCode.Shr or ILOpCode.Shr_un:
                Shift(opcode);
                break;
            case ILOpCode.Neg:
                StackValue negated = Pop();
                Push(negated.Kind, _writer.Value(negated.IsFloat ? $"fneg {negated}" : $"sub {negated.IrType} 0, {negated.Operand}"));
                break;
            case ILOpCode.Not:
                StackValue inverted = Pop();
                Push(inverted.Kind, _writer.Value($"xor {inverted}, -1"));
                break;
            case ILOpCode.Ceq or ILOpCode.Cgt or ILOpCode.Cgt_un or ILOpCode.Clt or ILOpCode.Clt_un:
                PushComparison(opcode);
                break;
            case ILOpCode.Ckfinite:
                CheckFinite();
                break;
            case ILOpCode.Call or ILOpCode.Callvirt or ILOpCode.Newobj or ILOpCode.Calli or ILOpCode.Ldftn or ILOpCode.Ldvirtftn:
                ImportCall(instruction);
                break;
            case ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld:
                ImportField(instruction);
                break;
            case ILOpCode.Newarr or ILOpCode.Ldlen or ILOpCode.Ldelema or ILOpCode.Ldelem or ILOpCode.Stelem
                or (>= ILOpCode.Ldelem_i1 and <= ILOpCode.Ldelem_ref) or (>= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref):
                ImportArrayInstruction(instruction);
                break;
            case ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Box or ILOpCode.Unbox or ILOpCode.Unbox_any:
                ImportCast(instruction);
                break;
            case ILOpCode.Ldobj:
                LoadIndirect(_il.Scope.GetType(instruction.Token));
                break;
            case ILOpCode.Stobj:
                StoreIndirect(_il.Scope.GetType(instruction.Token));
                break;
            case >= ILOpCode.Ldind_i1 and <= ILOpCode.Ldind_ref:
                LoadIndirect(IndirectType(opcode));
                break;
            case (>= ILOpCode.Stind_ref and <= ILOpCode.Stind_r8) or ILOpCode.Stind_i:
                StoreIndirect(IndirectType(opcode));
                break;
            case ILOpCode.Cpobj:
                TypeDesc copied = _il.Scope.GetType(instruction.Token);
                StackValue origin = PopRaw();
                StackValue value = LoadValue(copied, ConvertStack(origin, StackKind.ByRef).Operand, origin.IsOnStack);
                StackValue target = PopRaw();
                StoreValue(copied, ConvertStack(target, StackKind.ByRef).Operand, value, target.IsOnStack);
                break;
            case ILOpCode.Initobj:
                InitializeObject(_il.Scope.GetType(instruction.Token));
                break;
            case ILOpCode.Sizeof:
                PushConstant(StackKind.Int32, _compilation.Layout.SizeOf(_il.Scope.GetType(instruction.Token)));
                break;
            case ILOpCode.Ldtoken:
                LoadToken(_il.Scope.GetMember(instruction.Token));
                break;
            case ILOpCode.Localloc:
                AllocateLocal();
                break;
            case ILOpCode.Cpblk:
                StackValue size = Pop(StackKind.Int32);
                string source = Pop(StackKind.ByRef).Operand;
                string length = _writer.Value($"zext {size} to i64");
                _writer.Line($"call void @llvm.memmove.p0.p0.i64(ptr {Pop(StackKind.ByRef).Operand}, ptr {source}, i64 {length}, i1 false)");
                break;
            case ILOpCode.Initblk:
                StackValue count = Pop(StackKind.Int32);
                string fill = _writer.Value($"trunc {Pop(StackKind.Int32)} to i8");
                string bytes = _writer.Value($"zext {count} to i64");
                _writer.Line($"call void @llvm.memset.p0.i64(ptr {Pop(StackKind.ByRef).Operand}, i8 {fill}, i64 {bytes}, i1 false)");
                break;
            default:
                if (!TryConvert(opcode))
                {
                    throw new CompilationException("an instruction that is not supported");
                }

                break;
        }

        _isVolatile = false;
        _isReadOnly = false;
        _alignment = 0;
        _constrained = null;
    }

    private static string FloatConstant(double value) => "0x" + BitConverter.DoubleToInt64Bits(value).ToString("X16", CultureInfo.InvariantCulture);

    private DefType IndirectType(ILOpCode opcode) => opcode is ILOpCode.Ldind_ref or ILOpCode.Stind_ref ? System.Object : System.Primitive(KindOf(opcode));

    // What an access by pointer, or to an element of an array, says in its name of the type.
    private static TypeKind KindOf(ILOpCode opcode) => opcode switch
    {
        ILOpCode.Ldind_i1 or ILOpCode.Ldelem_i1 or ILOpCode.Stind_i1 or ILOpCode.Stelem_i1 => TypeKind.SByte,
        ILOpCode.Ldind_u1 or ILOpCode.Ldelem_u1 => TypeKind.Byte,
        ILOpCode.Ldind_i2 or ILOpCode.Ldelem_i2 or ILOpCode.Stind_i2 or ILOpCode.Stelem_i2 => TypeKind.Int16,
        ILOpCode.Ldind_u2 or ILOpCode.Ldelem_u2 => TypeKind.UInt16,
        ILOpCode.Ldind_i4 or ILOpCode.Ldelem_i4 or ILOpCode.Stind_i4 or ILOpCode.Stelem_i4 => TypeKind.Int32,
        ILOpCode.Ldind_u4 or ILOpCode.Ldelem_u4 => TypeKind.UInt32,
        ILOpCode.Ldind_i8 or ILOpCode.Ldelem_i8 or ILOpCode.Stind_i8 or ILOpCode.Stelem_i8 => TypeKind.Int64,
        ILOpCode.Ldind_r4 or ILOpCode.Ldelem_r4 or ILOpCode.Stind_r4 or ILOpCode.Stelem_r4 => TypeKind.Single,
        ILOpCode.Ldind_r8 or ILOpCode.Ldelem_r8 or ILOpCode.Stind_r8 or ILOpCode.Stelem_r8 => TypeKind.Double,
        _ => TypeKind.IntPtr,
    };

    private int AlignmentAt(StackValue address) => _alignment > 0 ? _alignment : address.Alignment;

    private void LoadIndirect(TypeDesc type)
    {
        StackValue address = PopRaw();
        Push(LoadValue(type, ConvertStack(address, StackKind.ByRef).Operand, address.IsOnStack, _isVolatile, AlignmentAt(address)));
    }

    private void StoreIndirect(TypeDesc type)
    {
        StackValue value = Pop();
        StackValue address = PopRaw();
        StoreValue(type, ConvertStack(address, StackKind.ByRef).Operand, value, address.IsOnStack, _isVolatile, AlignmentAt(address));
    }

    private void InitializeObject(TypeDesc type)
    {
        StackValue address = PopRaw();
        string target = ConvertStack(address, StackKind.ByRef).Operand;
        if (type.Kind == TypeKind.Struct)
        {
            // Nulls need no barrier.
            if (!address.IsOnStack && AlignmentAt(address) == 0 && _compilation.Layout.HasReferences(type))
            {
                ZeroWords(type, target);
            }
            else
            {
                _writer.Line(StructZero(type, target));
            }

            return;
        }

        string memory = IrTypes.Memory(type, _compilation.Layout);
        _writer.Line(Order(address.IsOnStack, isVolatile: false, AlignmentAt(address), "") is { } order
            ? $"store atomic {memory} {Zero(memory)}, ptr {target} {order}, align {_compilation.Layout.SizeOf(type)}"
            : $"store {memory} {Zero(memory)}, ptr {target}{(AlignmentAt(address) is > 0 and var alignment ? $", align {alignment}" : "")}");
    }

    private void AllocateLocal()
    {
        StackValue size = Pop(StackKind.Native);
        string memory = _writer.Value($"alloca i8, {size}, align 16");
        if (_il.ZeroesLocals)
        {
            _writer.Line($"call void @llvm.memset.p0.i64(ptr align 16 {memory}, i8 0, {size}, i1 false)");
        }

        Push(StackKind.Native, _writer.Value($"ptrtoint ptr {memory} to i64"));
    }

    private void Return()
    {
        LeaveFilterFrame();
        if (_method.Signature.Return.Kind == TypeKind.Void)
        {
            _writer.End("ret void");
            return;
        }

        StackValue value = Pop();
        TypeDesc type = _method.Signature.Return;
        if (type.Kind == TypeKind.Struct)
        {
            // The caller's room is on its stack.
            StoreValue(type, "%p0", value, isOnStack: true);
            _writer.End("ret void");
            return;
        }

        _writer.End($"ret {ConvertStack(value, IrTypes.Stack(type))}");
    }
}
