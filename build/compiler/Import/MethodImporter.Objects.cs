// SPDX-License-Identifier: MPL-2.0

using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Casts, boxing, and tokens.</summary>
internal sealed partial class MethodImporter
{
    private void ImportCast(Instruction instruction)
    {
        TypeDesc type = _il.Scope.GetType(instruction.Token);
        switch (instruction.OpCode)
        {
            case ILOpCode.Box:
                ImportBox(type, instruction.Next);
                break;
            case ILOpCode.Isinst:
                Push(Cast(type, Pop(StackKind.Object), isCheck: false));
                break;
            case ILOpCode.Castclass:
                Push(Cast(type, Pop(StackKind.Object), isCheck: true));
                break;
            case ILOpCode.Unbox:
                Push(new StackValue(StackKind.ByRef, Unbox((DefType)type, Pop(StackKind.Object))) { IsNonNull = true });
                break;
            default:
                ImportUnboxAny(type);
                break;
        }
    }

    private void ImportUnboxAny(TypeDesc type)
    {
        StackValue value = Pop(StackKind.Object);
        if (!type.IsValueType)
        {
            Push(Cast(type, value, isCheck: true));
        }
        else if (((DefType)type).IsNullable)
        {
            string room = _writer.Variable(IrTypes.Memory(type, _compilation.Layout));
            Call($"void {_compilation.Helper("RhUnboxNullable")}(ptr {room}, i64 {Address(_compilation.NecessaryType(type))}, {value})");
            Push(new StackValue(StackKind.Struct, room) { Type = type });
        }
        else
        {
            Push(LoadValue(type, Unbox((DefType)type, value)));
        }
    }

    /// <summary>Checks a box's type; returns the address of the value.</summary>
    private string Unbox(DefType type, StackValue value)
    {
        if (type.IsNullable)
        {
            throw new CompilationException($"unbox of {type}");
        }

        CheckNull(value);
        string table = _compilation.NecessaryType(type);
        string actual = _writer.Value($"load ptr, {value}");
        string same = _writer.NewLabel("same");
        string other = _writer.NewLabel("other");
        _writer.Line($"br i1 {_writer.Value($"icmp eq ptr {actual}, {table}")}, label %{same}, label %{other}");

        // An enum and its underlying type unbox as each other: CoreLib knows.
        _writer.Continue(other);
        Call($"void {_compilation.Helper("RhUnboxTypeTest")}(i64 {Address(table)}, i64 {_writer.Value($"ptrtoint ptr {actual} to i64")})");
        _writer.Line($"br label %{same}");
        _writer.Continue(same);
        return _writer.Value($"getelementptr i8, {value}, i64 8");
    }

    private static string Address(string symbol) => $"ptrtoint (ptr {symbol} to i64)";

    private StackValue Cast(TypeDesc type, StackValue value, bool isCheck)
    {
        var result = new StackValue(StackKind.Object, "") { Type = type, IsNonNull = isCheck && value.IsNonNull };
        if (IsNull(value))
        {
            return value;
        }

        if (value.Type is DefType known && type is DefType wanted && known.IsReference && wanted.Kind == TypeKind.Class && known.DerivesFrom(wanted))
        {
            return value;
        }

        if (type is DefType { IsNullable: true } nullable)
        {
            type = nullable.Arguments[0];
        }

        if (!isCheck && _compilation.World?.HasObjects(type) == false)
        {
            return result with { Operand = "null" };
        }

        string kind = type switch
        {
            DefType { IsInterface: true, Arguments.Length: 0 } => "Interface",
            DefType { Kind: TypeKind.Class, Arguments.Length: 0 } => "Class",
            _ => "Any",
        };
        string table = Address(_compilation.NecessaryType(type));
        return result with { Operand = CallValue($"ptr {_compilation.Helper($"RhTypeCast_{(isCheck ? "CheckCast" : "IsInstanceOf")}{kind}")}(i64 {table}, {value})") };
    }

    // A box that is only asked whether it is null, or what it is, is never made.
    private void ImportBox(TypeDesc type, int next)
    {
        if (!type.IsValueType)
        {
            return;
        }

        if (!((DefType)type).IsNullable && !_il.Leaders.Contains(next))
        {
            Instruction following = Instruction.Read(_il.Code, next);
            if (following.OpCode is ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s)
            {
                PopRaw();
                PushConstant(StackKind.Int32, 1);
                return;
            }

            if (following.OpCode == ILOpCode.Isinst && _il.Scope.GetType(following.Token) is DefType tested && !_il.Leaders.Contains(following.Next)
                && Instruction.Read(_il.Code, following.Next).OpCode is ILOpCode.Brtrue or ILOpCode.Brtrue_s or ILOpCode.Brfalse or ILOpCode.Brfalse_s
                && (tested.IsValueType || tested.IsInterface) && tested.Arguments.Length == 0)
            {
                PopRaw();
                bool isInstance = tested.IsValueType ? tested == type : global::System.Array.IndexOf(((DefType)type).Interfaces, tested) >= 0;
                Push(isInstance ? new StackValue(StackKind.Object, "poison") { IsNonNull = true } : new StackValue(StackKind.Object, "null"));
                _skip = following.Next;
                return;
            }
        }

        Push(Box((DefType)type, Pop()));
    }

    private StackValue Box(DefType type, StackValue value)
    {
        if (type.IsByRefLike)
        {
            throw new CompilationException($"a box of the ref struct {type}");
        }

        if (!type.IsNullable)
        {
            StackValue box = Allocate(type);
            StoreValue(type, _writer.Value($"getelementptr i8, {box}, i64 8"), value, isOnStack: false);
            return box;
        }

        // A Nullable boxes as its value, or as null.
        var content = (DefType)type.Arguments[0];
        string room = _writer.Variable("ptr");
        _writer.Line($"store ptr null, ptr {room}");
        string flag = _writer.Value($"load i8, ptr {FieldAddress(value.Operand, type.GetField("hasValue"))}");
        string full = _writer.NewLabel("full");
        string end = _writer.NewLabel("boxed");
        _writer.Line($"br i1 {_writer.Value($"icmp ne i8 {flag}, 0")}, label %{full}, label %{end}");
        _writer.Continue(full);
        StackValue inner = Box(content, LoadValue(content, FieldAddress(value.Operand, type.GetField("value")), isOnStack: true));
        _writer.Line($"store {inner}, ptr {room}");
        _writer.Line($"br label %{end}");
        _writer.Continue(end);
        return new StackValue(StackKind.Object, _writer.Value($"load ptr, ptr {room}")) { Type = content };
    }

    private void LoadToken(object member)
    {
        TypeDesc handle = System.CoreType("System", member switch
        {
            TypeDesc => "RuntimeTypeHandle",
            FieldDesc => "RuntimeFieldHandle",
            _ => "RuntimeMethodHandle",
        });
        Push(new StackValue(StackKind.Struct, "") { Type = handle, Token = member });
    }

    private StackValue TokenHandle(StackValue value)
    {
        if (value.Token is not TypeDesc type)
        {
            throw new CompilationException($"a handle of {value.Token}");
        }

        string room = _writer.Variable("ptr");
        _writer.Line($"store ptr {_compilation.TypeObjectOwner(type)}, ptr {room}");
        return new StackValue(StackKind.Struct, room) { Type = value.Type };
    }

    private StackValue TypeObject(TypeDesc type) =>
        new(StackKind.Object, _compilation.TypeObject(type)) { Type = System.CoreType("System", "RuntimeType"), IsNonNull = true, IsExact = true };
}
