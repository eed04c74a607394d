// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Arrays: vectors by instructions, several dimensions by members of the array's type. Every index is checked, and every store of a reference.</summary>
internal sealed partial class MethodImporter
{
    private const int LengthOffset = 8;
    private const int VectorDataOffset = 16;

    private void ImportArrayInstruction(Instruction instruction)
    {
        ILOpCode opcode = instruction.OpCode;
        switch (opcode)
        {
            case ILOpCode.Newarr:
                NewVector(_il.Scope.GetType(instruction.Token));
                break;
            case ILOpCode.Ldlen:
                Push(StackKind.Native, _writer.Value($"zext i32 {LoadLength(Pop(StackKind.Object))} to i64"));
                break;
            case ILOpCode.Ldelema:
                LoadElementAddress(_il.Scope.GetType(instruction.Token));
                break;
            case ILOpCode.Ldelem_ref:
                StackValue index = Pop();
                StackValue array = Pop(StackKind.Object);
                TypeDesc element = array.Type is ArrayType { Element.IsReference: true } known ? known.Element : System.Object;
                Push(LoadValue(element, ElementAddress(array, index, 8)));
                break;
            case ILOpCode.Stelem_ref:
                StoreReference();
                break;
            default:
                TypeDesc type = ElementType(instruction);
                if (opcode is ILOpCode.Ldelem or (>= ILOpCode.Ldelem_i1 and < ILOpCode.Ldelem_ref))
                {
                    StackValue position = Pop();
                    StackValue source = Pop(StackKind.Object);
                    Push(LoadValue(type, ElementAddress(source, position, _compilation.Layout.SizeOf(type))));
                }
                else if (type.IsReference)
                {
                    StoreReference();
                }
                else
                {
                    StackValue value = Pop();
                    StackValue position = Pop();
                    StackValue target = Pop(StackKind.Object);
                    StoreValue(type, ElementAddress(target, position, _compilation.Layout.SizeOf(type)), value, isOnStack: false);
                }

                break;
        }
    }

    private TypeDesc ElementType(Instruction instruction) => instruction.OpCode is ILOpCode.Ldelem or ILOpCode.Stelem
        ? _il.Scope.GetType(instruction.Token)
        : System.Primitive(KindOf(instruction.OpCode));

    private void NewVector(TypeDesc element)
    {
        StackValue length = Pop();
        if (length.Kind != StackKind.Int32)
        {
            // No array has more elements than an int counts (ECMA-335, I.8.9.1, leaves it open).
            length = ConvertStack(length, StackKind.Native);
            ThrowIf(_writer.Value($"icmp ugt {length}, {int.MaxValue}"), "ThrowOverflowException");
            length = ConvertStack(length, StackKind.Int32);
        }

        ArrayType type = System.GetVector(element);
        string array = CallValue($"ptr {_compilation.Helper("RhpNewArray")}(ptr {_compilation.ConstructedType(type)}, {length})");
        Push(new StackValue(StackKind.Object, array) { Type = type, IsNonNull = true, IsExact = true });
    }

    private string LoadLength(StackValue array)
    {
        CheckNull(array);
        return _writer.Value($"load i32, ptr {_writer.Value($"getelementptr i8, {array}, i64 {LengthOffset}")}");
    }

    /// <summary>Checks array and index; returns the element's address.</summary>
    private string ElementAddress(StackValue array, StackValue index, int size)
    {
        string length = LoadLength(array);
        string wide;
        if (index.Kind == StackKind.Int32)
        {
            // Unsigned, so that a negative index is out of range too.
            ThrowIf(_writer.Value($"icmp uge {index}, {length}"), "ThrowIndexOutOfRangeException");
            wide = _writer.Value($"zext {index} to i64");
        }
        else
        {
            ThrowIf(_writer.Value($"icmp uge {index}, {_writer.Value($"zext i32 {length} to i64")}"), "ThrowIndexOutOfRangeException");
            wide = index.Operand;
        }

        string offset = _writer.Value($"mul i64 {wide}, {size}");
        string data = _writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset}");
        return _writer.Value($"getelementptr i8, ptr {data}, i64 {offset}");
    }

    private void LoadElementAddress(TypeDesc type)
    {
        StackValue index = Pop();
        StackValue array = Pop(StackKind.Object);
        if (type.IsReference && !_isReadOnly && !IsSealed(type))
        {
            // A ref to an element must have just the element's type, or a store through it could break the array.
            string position = ConvertStack(index, StackKind.Native).Operand;
            Push(new StackValue(StackKind.ByRef, CallValue($"ptr {_compilation.Helper("RhpLdelemaRef")}({array}, i64 {position}, i64 {Address(_compilation.NecessaryType(type))})")) { IsNonNull = true });
            return;
        }

        Push(new StackValue(StackKind.ByRef, ElementAddress(array, index, _compilation.Layout.SizeOf(type))) { IsNonNull = true });
    }

    // The methods of CoreLib's Array<T> are called through IList<object> with any object, whatever their parameters say.
    private bool IsOfArrays => _method.Owner.Definition.FullName == "System.Array`1";

    private static bool IsSealed(TypeDesc type) => type is DefType { Kind: TypeKind.Class, Definition.IsSealed: true, Arguments.Length: 0 };

    private void StoreReference()
    {
        StackValue value = Pop(StackKind.Object);
        StackValue index = Pop();
        StackValue array = Pop(StackKind.Object);
        if (IsNull(value) || (array.Type is ArrayType { Element: { } element } && IsSealed(element) && !IsOfArrays))
        {
            StoreValue(System.Object, ElementAddress(array, index, 8), value, isOnStack: false);
            return;
        }

        Call($"void {_compilation.Helper("RhpStelemRef")}({array}, i64 {ConvertStack(index, StackKind.Native).Operand}, {value})");
    }

    private void NewArray(ArrayMember constructor)
    {
        StackValue[] arguments = PopArguments(new MethodSig(false, 0, constructor.Signature.Return, constructor.Signature.Parameters));
        string lengths = _writer.Variable($"[{arguments.Length} x i32]");
        for (int i = 0; i < arguments.Length; i++)
        {
            string slot = _writer.Value($"getelementptr i8, ptr {lengths}, i64 {i * 4}");
            _writer.Line($"store {ConvertStack(arguments[i], StackKind.Int32)}, ptr {slot}");
        }

        MethodDesc create = System.CoreType("Internal.Runtime.CompilerHelpers", "ArrayHelpers").GetMethod("NewObjArray");
        string table = Address(_compilation.ConstructedType(constructor.Array));
        CallDirectly(create,
        [
            new StackValue(StackKind.Native, table),
            new StackValue(StackKind.Int32, arguments.Length.ToString(global::System.Globalization.CultureInfo.InvariantCulture)),
            new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {lengths} to i64")),
        ]);
        Push(PopRaw() with { Type = constructor.Array, IsNonNull = true, IsExact = true });
    }

    private void CallArrayMember(ArrayMember member)
    {
        ArrayType type = member.Array;
        TypeDesc element = type.Element;
        StackValue? value = member.Name == "Set" ? Pop() : null;
        StackValue[] indices = [.. Enumerable.Range(0, type.Rank).Select(_ => Pop(StackKind.Int32)).Reverse()];
        StackValue array = Pop(StackKind.Object);
        CheckNull(array);
        string address = ElementAddress(type, array, indices);
        switch (member.Name)
        {
            case "Get":
                Push(LoadValue(element, address));
                break;
            case "Set":
                if (element.IsReference)
                {
                    Call($"void {_compilation.Helper("RhTypeCast_CheckArrayStore")}({array}, {value})");
                }

                StoreValue(element, address, value!, isOnStack: false);
                break;
            case "Address":
                if (element.IsReference && !_isReadOnly)
                {
                    string table = _writer.Value($"load ptr, {array}");
                    string actual = _writer.Value($"load ptr, ptr {_writer.Value($"getelementptr i8, ptr {table}, i64 {MethodTableEmitter.RelatedTypeOffset}")}");
                    ThrowIf(_writer.Value($"icmp ne ptr {actual}, {_compilation.NecessaryType(element)}"), "ThrowArrayTypeMismatchException");
                }

                Push(new StackValue(StackKind.ByRef, address) { IsNonNull = true });
                break;
            default:
                throw new CompilationException($"the array member {member.Name}");
        }
    }

    // After the length stand all dimensions' lengths, then their lower bounds, then the elements, row by row.
    private string ElementAddress(ArrayType type, StackValue array, StackValue[] indices)
    {
        string position = "0";
        for (int i = 0; i < type.Rank; i++)
        {
            string length = _writer.Value($"load i32, ptr {_writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset + (4 * i)}")}");
            string lower = _writer.Value($"load i32, ptr {_writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset + (4 * (type.Rank + i))}")}");
            string index = _writer.Value($"sub i32 {indices[i].Operand}, {lower}");
            ThrowIf(_writer.Value($"icmp uge i32 {index}, {length}"), "ThrowIndexOutOfRangeException");
            string scaled = _writer.Value($"mul i64 {position}, {_writer.Value($"zext i32 {length} to i64")}");
            position = _writer.Value($"add i64 {scaled}, {_writer.Value($"zext i32 {index} to i64")}");
        }

        string offset = _writer.Value($"mul i64 {position}, {_compilation.Layout.SizeOf(type.Element)}");
        string data = _writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset + (8 * type.Rank)}");
        return _writer.Value($"getelementptr i8, ptr {data}, i64 {offset}");
    }
}
