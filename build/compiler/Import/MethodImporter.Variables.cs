// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Arguments, locals, and memory in general: loads and stores of any type.</summary>
internal sealed partial class MethodImporter
{
    // Longer structures are copied by a loop.
    private const int InlineWords = 8;

    private readonly List<(TypeDesc Type, string Address)> _arguments = [];
    private readonly List<(TypeDesc Type, string Address)> _locals = [];
    private bool _assignsThis;

    // Every argument and local is a variable in memory; LLVM makes registers of them.
    private void DefineArguments()
    {
        foreach (Instruction instruction in _il.Instructions())
        {
            if (instruction.OpCode is ILOpCode.Starg or ILOpCode.Starg_s or ILOpCode.Ldarga or ILOpCode.Ldarga_s && instruction.Operand == 0)
            {
                _assignsThis = true;
            }
        }

        int parameter = IrTypes.ReturnsByAddress(_method.Signature) ? 1 : 0;
        if (_method.Signature.IsInstance)
        {
            DefineArgument(_method.Owner.IsValueType ? System.GetByRef(_method.Owner) : _method.Owner, parameter++);
        }

        foreach (TypeDesc type in _method.Signature.Parameters)
        {
            DefineArgument(type, parameter++);
        }
    }

    private void DefineArgument(TypeDesc type, int parameter)
    {
        string memory = IrTypes.Memory(type, _compilation.Layout);
        string address = FrameVariable(type, string.Create(CultureInfo.InvariantCulture, $"%A{_arguments.Count}"));
        _arguments.Add((type, address));
        if (_filter is not null)
        {
            return;
        }

        string value = string.Create(CultureInfo.InvariantCulture, $"%p{parameter}");
        if (type.Kind == TypeKind.Struct)
        {
            _writer.Prologue(StructCopy(type, address, value));
            return;
        }

        if (memory is "i8" or "i16")
        {
            value = _writer.PrologueValue($"trunc i32 {value} to {memory}");
        }

        _writer.Prologue($"store {memory} {value}, ptr {address}");
    }

    private void DefineLocals()
    {
        foreach (TypeDesc type in _il.Locals)
        {
            string memory = IrTypes.Memory(type, _compilation.Layout);
            string address = FrameVariable(type, string.Create(CultureInfo.InvariantCulture, $"%L{_locals.Count}"));
            _locals.Add((type, address));
            if (_filter is not null)
            {
                continue;
            }

            // Also where the method does not ask for it: an uninitialised value is undefined to LLVM, and any value to C#.
            _writer.Prologue(type.Kind == TypeKind.Struct
                ? StructZero(type, address)
                : $"store {memory} {Zero(memory)}, ptr {address}");
        }
    }

    // Where filters run as functions of their own, the variables stand in one block, which these get.
    private string FrameVariable(TypeDesc type, string name)
    {
        if (!_hasFilters)
        {
            return _writer.Variable(IrTypes.Memory(type, _compilation.Layout), name);
        }

        _writer.Prologue($"{name} = getelementptr i8, ptr %frame, i64 {_frameSize}");
        _frameSize += FieldLayout.Align(_compilation.Layout.SizeOf(type), 8);
        return name;
    }

    private static string Zero(string irType) => irType switch
    {
        "ptr" => "null",
        "float" or "double" => "0.0",
        _ => "0",
    };

    private void LoadArgument(int index)
    {
        StackValue value = LoadValue(_arguments[index].Type, _arguments[index].Address, isOnStack: true);
        Push(index == 0 && _method.Signature.IsInstance && !_assignsThis ? value with { IsNonNull = true } : value);
    }

    private void LoadLocal(int index) => Push(LoadValue(_locals[index].Type, _locals[index].Address, isOnStack: true));

    private void LoadAddress((TypeDesc Type, string Address) variable) =>
        Push(new StackValue(StackKind.ByRef, variable.Address) { IsOnStack = true, IsNonNull = true });

    private void StoreVariable((TypeDesc Type, string Address) variable) => StoreValue(variable.Type, variable.Address, Pop(), isOnStack: true);

    /// <summary>Loads a variable of a type from memory.</summary>
    /// <param name="type">The variable's type.</param>
    /// <param name="address">Its address.</param>
    /// <param name="isOnStack">Whether the variable is this method's own, so that no other thread has a say in how it is read.</param>
    /// <param name="isVolatile">Whether the load is one of the volatile prefix.</param>
    /// <param name="alignment">What the address is aligned to, if to less than its type; 0: as its type.</param>
    private StackValue LoadValue(TypeDesc type, string address, bool isOnStack = false, bool isVolatile = false, int alignment = 0)
    {
        StackKind kind = IrTypes.Stack(type);
        if (kind == StackKind.Struct)
        {
            string copy = _writer.Variable(IrTypes.Memory(type, _compilation.Layout));
            if (alignment == 0 && !isOnStack && _compilation.Layout.HasReferences(type))
            {
                CopyWords(type, copy, address);
            }
            else
            {
                CopyStruct(type, copy, address, alignment);
            }

            Fence(isVolatile);
            return new StackValue(StackKind.Struct, copy) { Type = type };
        }

        string memory = IrTypes.Memory(type, _compilation.Layout);
        string value = _writer.Value(Order(isOnStack, isVolatile, alignment, "acquire") is { } order
            ? $"load atomic {memory}, ptr {address} {order}, align {_compilation.Layout.SizeOf(type)}"
            : $"load {memory}, ptr {address}{(alignment > 0 ? $", align {alignment}" : "")}");

        if (memory is "i8" or "i16")
        {
            value = _writer.Value($"{(IrTypes.IsSigned(type) ? "sext" : "zext")} {memory} {value} to i32");
        }

        return new StackValue(kind, value) { Type = type.IsReference || kind == StackKind.Struct ? type : null };
    }

    /// <summary>Stores a value into a variable of a type, through the collector's write barrier where the variable may be in the heap.</summary>
    private void StoreValue(TypeDesc type, string address, StackValue value, bool isOnStack, bool isVolatile = false, int alignment = 0)
    {
        StackKind kind = IrTypes.Stack(type);
        if (kind == StackKind.Struct)
        {
            int size = _compilation.Layout.SizeOf(type);
            if (value.Kind != StackKind.Struct || _compilation.Layout.SizeOf(value.Type!) != size)
            {
                throw new CompilationException($"{value.Kind} {value.Type} is stored as {type}");
            }

            Fence(isVolatile);
            if (!isOnStack && _compilation.Layout.HasReferences(type))
            {
                Call($"void {_compilation.Helper("RhBulkMoveWithWriteBarrier")}(ptr {address}, ptr {value.Operand}, i64 {size})");
            }
            else
            {
                CopyStruct(type, address, value.Operand, alignment);
            }

            return;
        }

        value = ConvertStack(value, kind);
        if (kind == StackKind.Object && !isOnStack)
        {
            // The barrier publishes: what the object holds is stored before.
            Call($"void {_compilation.Helper("RhpCheckedAssignRef")}(ptr {address}, {value})");
            return;
        }

        string memory = IrTypes.Memory(type, _compilation.Layout);
        string operand = memory is "i8" or "i16" ? _writer.Value($"trunc {value} to {memory}") : value.Operand;
        string release = "release";
        if (isVolatile && !_compilation.Target.HasReleaseStores)
        {
            _writer.Line("fence release");
            release = "monotonic";
        }

        _writer.Line(Order(isOnStack, isVolatile, alignment, release) is { } order
            ? $"store atomic {memory} {operand}, ptr {address} {order}, align {_compilation.Layout.SizeOf(type)}"
            : $"store {memory} {operand}, ptr {address}{(alignment > 0 ? $", align {alignment}" : "")}");
    }

    // A plain load of LLVM's may be torn, repeated or invented, because it takes it that no other thread writes. What other threads can reach is 'unordered': whole and once, as .NET
    // promises for aligned values of up to a pointer's size (ECMA-335, I.12.6.6), and without any order.
    private static string? Order(bool isOnStack, bool isVolatile, int alignment, string volatileOrder) =>
        isVolatile ? volatileOrder : isOnStack || alignment > 0 ? null : "unordered";

    private void Fence(bool isVolatile)
    {
        if (isVolatile)
        {
            _writer.Line("fence acq_rel");
        }
    }

    private void CopyStruct(TypeDesc type, string target, string source, int alignment = 0) => _writer.Line(StructCopy(type, target, source, alignment));

    private string StructCopy(TypeDesc type, string target, string source, int alignment = 0)
    {
        if (alignment == 0)
        {
            alignment = _compilation.Layout.AlignmentOf(type);
        }

        return $"call void @llvm.memmove.p0.p0.i64(ptr align {alignment} {target}, ptr align {alignment} {source}, i64 {_compilation.Layout.SizeOf(type)}, i1 false)";
    }

    // A copy by bytes could show another thread, or give this one, half of a reference.
    private void CopyWords(TypeDesc type, string target, string source)
    {
        int size = _compilation.Layout.SizeOf(type);
        int words = size / FieldLayout.PointerSize;
        if (words > InlineWords)
        {
            _writer.Line($"call void @{Thunks.CopyWords}(ptr {target}, ptr {source}, i64 {words})");
        }
        else
        {
            int[] references = _compilation.Layout.Get((DefType)type).References;
            for (int offset = 0; offset + FieldLayout.PointerSize <= size; offset += FieldLayout.PointerSize)
            {
                string word = global::System.Array.BinarySearch(references, offset) >= 0 ? "ptr" : "i64";
                string value = _writer.Value($"load atomic {word}, ptr {At(source, offset)} unordered, align {FieldLayout.PointerSize}");
                _writer.Line($"store {word} {value}, ptr {At(target, offset)}");
            }
        }

        int rest = size % FieldLayout.PointerSize;
        if (rest > 0)
        {
            _writer.Line($"call void @llvm.memmove.p0.p0.i64(ptr {At(target, size - rest)}, ptr {At(source, size - rest)}, i64 {rest}, i1 false)");
        }
    }

    private void ZeroWords(TypeDesc type, string target)
    {
        int size = _compilation.Layout.SizeOf(type);
        int words = size / FieldLayout.PointerSize;
        if (words > InlineWords)
        {
            _writer.Line($"call void @{Thunks.ZeroWords}(ptr {target}, i64 {words})");
        }
        else
        {
            for (int offset = 0; offset + FieldLayout.PointerSize <= size; offset += FieldLayout.PointerSize)
            {
                _writer.Line($"store atomic i64 0, ptr {At(target, offset)} unordered, align {FieldLayout.PointerSize}");
            }
        }

        int rest = size % FieldLayout.PointerSize;
        if (rest > 0)
        {
            _writer.Line($"call void @llvm.memset.p0.i64(ptr {At(target, size - rest)}, i8 0, i64 {rest}, i1 false)");
        }
    }

    private string At(string address, int offset) => offset == 0 ? address : _writer.Value($"getelementptr i8, ptr {address}, i64 {offset}");

    private string StructZero(TypeDesc type, string target) =>
        $"call void @llvm.memset.p0.i64(ptr align {_compilation.Layout.AlignmentOf(type)} {target}, i8 0, i64 {_compilation.Layout.SizeOf(type)}, i1 false)";
}
