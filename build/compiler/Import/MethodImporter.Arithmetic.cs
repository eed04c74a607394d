// SPDX-License-Identifier: MPL-2.0

using System.Globalization;
using System.Reflection.Metadata;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Arithmetic, comparisons and conversions (ECMA-335, III.1.5). What C# checks is checked here.</summary>
internal sealed partial class MethodImporter
{
    /// <summary>Takes two operands and gives them one type.</summary>
    private (StackValue Left, StackValue Right) PopPair()
    {
        StackValue right = Pop();
        StackValue left = Pop();
        return Unify(left, right);
    }

    private (StackValue Left, StackValue Right) Unify(StackValue left, StackValue right)
    {
        if (left.Kind == right.Kind)
        {
            return (left, right);
        }

        StackKind kind = (left.Kind, right.Kind) switch
        {
            (StackKind.Single or StackKind.Double, StackKind.Single or StackKind.Double) => StackKind.Double,
            (StackKind.Int64, _) or (_, StackKind.Int64) => StackKind.Int64,
            _ => StackKind.Native,
        };
        return (ConvertStack(left, kind), ConvertStack(right, kind));
    }

    private void BinaryOperation(ILOpCode opcode)
    {
        StackValue right = Pop();
        StackValue left = Pop();
        if (left.Kind == StackKind.ByRef || right.Kind == StackKind.ByRef)
        {
            AddToByRef(opcode, left, right);
            return;
        }

        (left, right) = Unify(left, right);
        if (left.Constant is { } x && right.Constant is { } y)
        {
            long result = opcode switch
            {
                ILOpCode.Add => x + y,
                ILOpCode.Sub => x - y,
                ILOpCode.Mul => x * y,
                ILOpCode.And => x & y,
                ILOpCode.Or => x | y,
                _ => x ^ y,
            };
            PushConstant(left.Kind, left.Kind == StackKind.Int32 ? (int)result : result);
            return;
        }

        string name = opcode switch
        {
            ILOpCode.Add => "add",
            ILOpCode.Sub => "sub",
            ILOpCode.Mul => "mul",
            ILOpCode.And => "and",
            ILOpCode.Or => "or",
            _ => "xor",
        };
        Push(left.Kind, _writer.Value($"{(left.IsFloat ? "f" : "")}{name} {left}, {right.Operand}"));
    }

    private void AddToByRef(ILOpCode opcode, StackValue left, StackValue right)
    {
        if (opcode == ILOpCode.Add && (left.Kind == StackKind.ByRef) != (right.Kind == StackKind.ByRef))
        {
            (StackValue reference, StackValue offset) = left.Kind == StackKind.ByRef ? (left, right) : (right, left);
            Push(reference with { Operand = _writer.Value($"getelementptr i8, {reference}, {ConvertStack(offset, StackKind.Native)}"), Token = null });
        }
        else if (opcode == ILOpCode.Sub && left.Kind == StackKind.ByRef && right.Kind != StackKind.ByRef)
        {
            string negative = _writer.Value($"sub i64 0, {ConvertStack(right, StackKind.Native).Operand}");
            Push(left with { Operand = _writer.Value($"getelementptr i8, {left}, i64 {negative}"), Token = null });
        }
        else
        {
            Push(ConvertStack(left, StackKind.Native));
            Push(ConvertStack(right, StackKind.Native));
            BinaryOperation(opcode);
        }
    }

    private void CheckedOperation(ILOpCode opcode)
    {
        (StackValue left, StackValue right) = PopPair();
        if (left.Kind == StackKind.ByRef)
        {
            (left, right) = (ConvertStack(left, StackKind.Native), ConvertStack(right, StackKind.Native));
        }

        string name = opcode switch
        {
            ILOpCode.Add_ovf => "sadd",
            ILOpCode.Add_ovf_un => "uadd",
            ILOpCode.Sub_ovf => "ssub",
            ILOpCode.Sub_ovf_un => "usub",
            ILOpCode.Mul_ovf => "smul",
            _ => "umul",
        };
        string pair = _writer.Value($"call {{ {left.IrType}, i1 }} @llvm.{name}.with.overflow.{left.IrType}({left}, {right})");
        string overflow = _writer.Value($"extractvalue {{ {left.IrType}, i1 }} {pair}, 1");
        ThrowIf(overflow, "ThrowOverflowException");
        Push(left.Kind, _writer.Value($"extractvalue {{ {left.IrType}, i1 }} {pair}, 0"));
    }

    private void Division(ILOpCode opcode)
    {
        (StackValue left, StackValue right) = PopPair();
        bool isRemainder = opcode is ILOpCode.Rem or ILOpCode.Rem_un;
        if (left.IsFloat)
        {
            // frem is C's fmod, as is C#'s %.
            Push(left.Kind, _writer.Value($"{(isRemainder ? "frem" : "fdiv")} {left}, {right.Operand}"));
            return;
        }

        bool isSigned = opcode is ILOpCode.Div or ILOpCode.Rem;
        if (right.Constant is null or 0)
        {
            ThrowIf(_writer.Value($"icmp eq {right}, 0"), "ThrowDivideByZeroException");
        }

        if (isSigned && right.Constant is null or -1)
        {
            string smallest = left.IrType == "i32" ? "-2147483648" : "-9223372036854775808";
            string isSmallest = _writer.Value($"icmp eq {left}, {smallest}");
            string isMinusOne = _writer.Value($"icmp eq {right}, -1");
            ThrowIf(_writer.Value($"and i1 {isSmallest}, {isMinusOne}"), "ThrowOverflowException");
        }

        Push(left.Kind, _writer.Value($"{(isSigned ? "s" : "u")}{(isRemainder ? "rem" : "div")} {left}, {right.Operand}"));
    }

    // A shift by the width or more is undefined in IL and poison in LLVM; the processors take the amount modulo the width, and so does this.
    private void Shift(ILOpCode opcode)
    {
        StackValue amount = Pop();
        StackValue value = Pop();
        amount = ConvertStack(amount, value.Kind == StackKind.Int32 ? StackKind.Int32 : StackKind.Int64);
        string masked = amount.Constant is { } constant
            ? (constant & (value.Kind == StackKind.Int32 ? 31 : 63)).ToString(CultureInfo.InvariantCulture)
            : _writer.Value($"and {amount}, {(value.Kind == StackKind.Int32 ? 31 : 63)}");
        string name = opcode switch
        {
            ILOpCode.Shl => "shl",
            ILOpCode.Shr => "ashr",
            _ => "lshr",
        };
        Push(value.Kind, _writer.Value($"{name} {value}, {masked}"));
    }

    private void PushComparison(ILOpCode opcode)
    {
        (bool? known, string result) = Compare(opcode);
        if (known is { } value)
        {
            PushConstant(StackKind.Int32, value ? 1 : 0);
        }
        else
        {
            Push(StackKind.Int32, _writer.Value($"zext i1 {result} to i32"));
        }
    }

    /// <summary>Compares the two topmost values; the result is known, or an i1.</summary>
    private (bool? Known, string Result) Compare(ILOpCode opcode)
    {
        StackValue right = PopRaw();
        StackValue left = PopRaw();
        if (left.TypeOf is not null && right.TypeOf is not null && opcode is ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s or ILOpCode.Bne_un or ILOpCode.Bne_un_s)
        {
            return (left.TypeOf == right.TypeOf == opcode is ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s, "");
        }

        (left, right) = (Materialize(left), Materialize(right));
        if (left.Kind is StackKind.Object or StackKind.ByRef || right.Kind is StackKind.Object or StackKind.ByRef)
        {
            if (left.IrType != right.IrType)
            {
                (left, right) = (ConvertStack(left, StackKind.Native), ConvertStack(right, StackKind.Native));
            }

            if (opcode is ILOpCode.Ceq or ILOpCode.Cgt_un or ILOpCode.Beq or ILOpCode.Beq_s or ILOpCode.Bne_un or ILOpCode.Bne_un_s
                && (IsNull(left) && right is { Kind: StackKind.Object, IsNonNull: true } || IsNull(right) && left is { Kind: StackKind.Object, IsNonNull: true }))
            {
                bool isEquality = opcode is ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s;
                if (opcode != ILOpCode.Cgt_un || IsNull(right))
                {
                    return (!isEquality, "");
                }
            }
        }
        else
        {
            (left, right) = Unify(left, right);
        }

        (string integer, string floating) = Condition(opcode);
        if (left.Constant is { } x && right.Constant is { } y)
        {
            return (Evaluate(integer, x, y, left.Kind == StackKind.Int32), "");
        }

        return (null, _writer.Value(left.IsFloat ? $"fcmp {floating} {left}, {right.Operand}" : $"icmp {integer} {left}, {right.Operand}"));
    }

    private static bool IsNull(StackValue value) => value is { Kind: StackKind.Object, Operand: "null" };

    private static bool Evaluate(string condition, long x, long y, bool is32)
    {
        (ulong ux, ulong uy) = is32 ? ((uint)x, (uint)y) : ((ulong)x, (ulong)y);
        return condition switch
        {
            "eq" => x == y,
            "ne" => x != y,
            "sgt" => x > y,
            "sge" => x >= y,
            "slt" => x < y,
            "sle" => x <= y,
            "ugt" => ux > uy,
            "uge" => ux >= uy,
            "ult" => ux < uy,
            _ => ux <= uy,
        };
    }

    // For floating point the plain forms are false with a NaN, the .un forms true.
    private static (string Integer, string Floating) Condition(ILOpCode opcode) => opcode switch
    {
        ILOpCode.Ceq or ILOpCode.Beq or ILOpCode.Beq_s => ("eq", "oeq"),
        ILOpCode.Bne_un or ILOpCode.Bne_un_s => ("ne", "une"),
        ILOpCode.Cgt or ILOpCode.Bgt or ILOpCode.Bgt_s => ("sgt", "ogt"),
        ILOpCode.Cgt_un or ILOpCode.Bgt_un or ILOpCode.Bgt_un_s => ("ugt", "ugt"),
        ILOpCode.Clt or ILOpCode.Blt or ILOpCode.Blt_s => ("slt", "olt"),
        ILOpCode.Clt_un or ILOpCode.Blt_un or ILOpCode.Blt_un_s => ("ult", "ult"),
        ILOpCode.Bge or ILOpCode.Bge_s => ("sge", "oge"),
        ILOpCode.Bge_un or ILOpCode.Bge_un_s => ("uge", "uge"),
        ILOpCode.Ble or ILOpCode.Ble_s => ("sle", "ole"),
        ILOpCode.Ble_un or ILOpCode.Ble_un_s => ("ule", "ule"),
        _ => throw new CompilationException("not a comparison"),
    };

    private void CheckFinite()
    {
        StackValue value = Pop();
        string difference = _writer.Value($"fsub {value}, {value.Operand}");
        ThrowIf(_writer.Value($"fcmp uno {value.IrType} {difference}, {difference}"), "ThrowOverflowException");
        Push(value);
    }

    /// <summary>A target of conv: width in bits, signedness, and the stack's type.</summary>
    private readonly record struct ConversionTarget(int Bits, bool IsSigned, StackKind Kind);

    private bool TryConvert(ILOpCode opcode)
    {
        switch (opcode)
        {
            case ILOpCode.Conv_r4:
                StackValue single = Pop();
                Push(StackKind.Single, single.IsFloat ? ConvertStack(single, StackKind.Single).Operand : _writer.Value($"sitofp {single} to float"));
                return true;
            case ILOpCode.Conv_r8:
                StackValue real = Pop();
                Push(StackKind.Double, real.IsFloat ? ConvertStack(real, StackKind.Double).Operand : _writer.Value($"sitofp {real} to double"));
                return true;
            case ILOpCode.Conv_r_un:
                StackValue unsigned = Pop();
                if (!unsigned.IsFloat && !_il.Leaders.Contains(_current.Next) && Instruction.Read(_il.Code, _current.Next) is { OpCode: ILOpCode.Conv_r4 } narrowing)
                {
                    // There is no instruction from an unsigned integer to float: the pair stands for one, and rounds once.
                    Push(StackKind.Single, _writer.Value($"uitofp {unsigned} to float"));
                    _skip = narrowing.Next;
                    return true;
                }

                Push(StackKind.Double, unsigned.IsFloat ? ConvertStack(unsigned, StackKind.Double).Operand : _writer.Value($"uitofp {unsigned} to double"));
                return true;
            default:
                break;
        }

        (ConversionTarget Target, bool IsChecked, bool IsFromUnsigned)? conversion = opcode switch
        {
            ILOpCode.Conv_i1 => (new(8, true, StackKind.Int32), false, false),
            ILOpCode.Conv_u1 => (new(8, false, StackKind.Int32), false, false),
            ILOpCode.Conv_i2 => (new(16, true, StackKind.Int32), false, false),
            ILOpCode.Conv_u2 => (new(16, false, StackKind.Int32), false, false),
            ILOpCode.Conv_i4 => (new(32, true, StackKind.Int32), false, false),
            ILOpCode.Conv_u4 => (new(32, false, StackKind.Int32), false, false),
            ILOpCode.Conv_i8 => (new(64, true, StackKind.Int64), false, false),
            ILOpCode.Conv_u8 => (new(64, false, StackKind.Int64), false, false),
            ILOpCode.Conv_i => (new(64, true, StackKind.Native), false, false),
            ILOpCode.Conv_u => (new(64, false, StackKind.Native), false, false),
            ILOpCode.Conv_ovf_i1 => (new(8, true, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_u1 => (new(8, false, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_i2 => (new(16, true, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_u2 => (new(16, false, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_i4 => (new(32, true, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_u4 => (new(32, false, StackKind.Int32), true, false),
            ILOpCode.Conv_ovf_i8 => (new(64, true, StackKind.Int64), true, false),
            ILOpCode.Conv_ovf_u8 => (new(64, false, StackKind.Int64), true, false),
            ILOpCode.Conv_ovf_i => (new(64, true, StackKind.Native), true, false),
            ILOpCode.Conv_ovf_u => (new(64, false, StackKind.Native), true, false),
            ILOpCode.Conv_ovf_i1_un => (new(8, true, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_u1_un => (new(8, false, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_i2_un => (new(16, true, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_u2_un => (new(16, false, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_i4_un => (new(32, true, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_u4_un => (new(32, false, StackKind.Int32), true, true),
            ILOpCode.Conv_ovf_i8_un => (new(64, true, StackKind.Int64), true, true),
            ILOpCode.Conv_ovf_u8_un => (new(64, false, StackKind.Int64), true, true),
            ILOpCode.Conv_ovf_i_un => (new(64, true, StackKind.Native), true, true),
            ILOpCode.Conv_ovf_u_un => (new(64, false, StackKind.Native), true, true),
            _ => null,
        };
        if (conversion is not { } found)
        {
            return false;
        }

        StackValue value = Pop();
        if (value.IsFloat)
        {
            Push(FromFloat(value, found.Target, found.IsChecked));
        }
        else
        {
            if (value.Kind is StackKind.ByRef or StackKind.Object)
            {
                value = ConvertStack(value, StackKind.Native);
            }

            Push(found.IsChecked ? FromIntegerChecked(value, found.Target, found.IsFromUnsigned) : FromInteger(value, found.Target));
        }

        return true;
    }

    private StackValue FromInteger(StackValue value, ConversionTarget target)
    {
        if (value.Constant is { } constant)
        {
            long source = value.Kind == StackKind.Int32 && target is { Bits: 64, IsSigned: false } ? (uint)constant : constant;
            long result = target.Bits switch
            {
                8 => target.IsSigned ? (sbyte)source : (byte)source,
                16 => target.IsSigned ? (short)source : (ushort)source,
                32 => (int)source,
                _ => source,
            };
            return new StackValue(target.Kind, result.ToString(CultureInfo.InvariantCulture)) { Constant = result };
        }

        if (target.Bits == 64)
        {
            return value.Kind == StackKind.Int32
                ? new(target.Kind, _writer.Value($"{(target.IsSigned ? "sext" : "zext")} {value} to i64"))
                : new(target.Kind, value.Operand) { Token = value.Token };
        }

        if (target.Bits == 32)
        {
            return value.Kind == StackKind.Int32 ? value : new(StackKind.Int32, _writer.Value($"trunc {value} to i32"));
        }

        string narrow = _writer.Value($"trunc {value} to i{target.Bits}");
        return new(StackKind.Int32, _writer.Value($"{(target.IsSigned ? "sext" : "zext")} i{target.Bits} {narrow} to i32"));
    }

    // In 128 bits every source and every target has its place.
    private StackValue FromIntegerChecked(StackValue value, ConversionTarget target, bool isFromUnsigned)
    {
        string wide = _writer.Value($"{(isFromUnsigned ? "zext" : "sext")} {value} to i128");
        (string low, string high) = Range(target.Bits, target.IsSigned);
        string isBelow = _writer.Value($"icmp slt i128 {wide}, {low}");
        string isAbove = _writer.Value($"icmp sgt i128 {wide}, {high}");
        ThrowIf(_writer.Value($"or i1 {isBelow}, {isAbove}"), "ThrowOverflowException");
        string bits = target.Kind == StackKind.Int32 ? "i32" : "i64";
        return new(target.Kind, _writer.Value($"trunc i128 {wide} to {bits}"));
    }

    private static (string Low, string High) Range(int bits, bool isSigned)
    {
        global::System.Int128 one = 1;
        global::System.Int128 low = isSigned ? -(one << (bits - 1)) : 0;
        global::System.Int128 high = isSigned ? (one << (bits - 1)) - 1 : (one << bits) - 1;
        return (low.ToString(CultureInfo.InvariantCulture), high.ToString(CultureInfo.InvariantCulture));
    }

    // Since .NET 9 an unchecked conversion saturates, and a NaN gives 0. A short integer is cut from an int.
    private StackValue FromFloat(StackValue value, ConversionTarget target, bool isChecked)
    {
        int bits = target.Bits < 32 && !isChecked ? 32 : target.Bits;
        bool isSigned = target.Bits < 32 && !isChecked || target.IsSigned;
        if (isChecked)
        {
            // The whole part has to fit, so the bounds are one outside, where a double can tell; else the bound itself is just outside.
            StackValue wide = ConvertStack(value, StackKind.Double);
            double high = global::System.Math.Pow(2, isSigned ? bits - 1 : bits);
            double low = isSigned ? -high : 0;
            string isInside = bits == 64 && isSigned
                ? _writer.Value($"fcmp oge {wide}, {FloatConstant(low)}")
                : _writer.Value($"fcmp ogt {wide}, {FloatConstant(low - 1)}");
            string isBelow = _writer.Value($"fcmp olt {wide}, {FloatConstant(high)}");
            string fits = _writer.Value($"and i1 {isInside}, {isBelow}");
            ThrowIf(_writer.Value($"xor i1 {fits}, true"), "ThrowOverflowException");
        }

        string irType = $"i{bits}";
        string name = isSigned ? "fptosi" : "fptoui";
        string suffix = value.Kind == StackKind.Single ? "f32" : "f64";
        string result = _writer.Value($"call {irType} @llvm.{name}.sat.{irType}.{suffix}({value})");
        if (bits < 32)
        {
            result = _writer.Value($"{(isSigned ? "sext" : "zext")} {irType} {result} to i32");
        }

        var converted = new StackValue(target.Kind, result);
        return target.Bits < bits ? FromInteger(converted, target) : converted;
    }

    /// <summary>Throws one of CoreLib's exceptions when a condition holds; goes on otherwise.</summary>
    private void ThrowIf(string condition, string thrower)
    {
        string next = _writer.NewLabel("ok");
        _writer.Line($"br i1 {condition}, label %{ThrowBlock(thrower)}, label %{next}, !prof !0");
        _writer.Continue(next);
    }

    /// <summary>Throws NullReferenceException for a null reference, unless it is known not to be null.</summary>
    private void CheckNull(StackValue value)
    {
        if (value.Kind == StackKind.Object && !value.IsNonNull)
        {
            ThrowIf(_writer.Value($"icmp eq {value}, null"), "ThrowNullReferenceException");
        }
    }
}
