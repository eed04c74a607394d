// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>
/// Turns the IL of one method into a function. Blocks are imported when something branches to them, so code behind a condition that is known at compile time
/// costs nothing and needs nothing. This part walks the blocks; the others hold the instructions by topic.
/// </summary>
internal sealed partial class MethodImporter
{
    private readonly Compilation _compilation;
    private readonly MethodDesc _method;
    private readonly MethodIL _il;
    private readonly FunctionWriter _writer = new();
    private readonly Stack<int> _pending = new();
    private readonly HashSet<int> _imported = [];
    private readonly Dictionary<int, StackValue[]> _entryStacks = [];
    private readonly Dictionary<int, string[]> _entrySlots = [];
    private List<StackValue> _stack = [];
    private Instruction _current;

    // Where to go on after the current instruction; an instruction may take the next one with it.
    private int _skip;

    private MethodImporter(Compilation compilation, MethodDesc method)
    {
        _compilation = compilation;
        _method = method;
        _il = new MethodIL(method);
    }

    private string Place => $"{_method} at IL_{_current.Offset:x4} ({_current.OpCode})";

    private TypeSystem System => _method.System;

    /// <summary>Imports a method; returns the function's text.</summary>
    /// <param name="compilation">Whom the method's needs are told to.</param>
    /// <param name="method">The method, closed.</param>
    /// <param name="symbol">The function's name.</param>
    public static string Import(Compilation compilation, MethodDesc method, string symbol)
    {
        var importer = new MethodImporter(compilation, method);
        try
        {
            return importer.Import(symbol);
        }
        catch (CompilationException failure) when (failure.Place is null)
        {
            failure.Place = importer.Place;
            throw;
        }
    }

    private string Import(string symbol)
    {
        if (IsForNativeCallers && _method.Signature.Parameters.Append(_method.Signature.Return).Any(t => t.Kind == TypeKind.Struct))
        {
            throw new CompilationException("a structure in the signature of a method for native callers");
        }

        if (MayFault)
        {
            // LLVM takes a function without calls for one that throws nothing, and leaves out its callers' handlers.
            _writer.Prologue("call void asm sideeffect unwind \"\", \"\"()");
        }

        BeginLines();
        _hasFilters = _il.Clauses.Any(c => c.Kind == ExceptionRegionKind.Filter);
        DefineArguments();
        DefineLocals();
        TriggerOwnClassConstructor();
        if (_hasFilters)
        {
            _writer.Variable($"[{_frameSize} x i8]", "%frame");
            EnterFilterFrame();
        }

        if (_il.Clauses.Length > 0)
        {
            DefineClauses();
        }

        _writer.Prologue($"br label %{FunctionWriter.BlockLabel(0)}");
        ImportFrom(0);
        FinishFinallyBlocks();
        return _writer.Finish($"define {Linkage()}{Result()} {symbol}({Parameters()}) {Attributes()}{FunctionLocation}");
    }

    private void ImportFrom(int start)
    {
        _entryStacks.TryAdd(start, []);
        _pending.Push(start);
        ImportPending();
    }

    private void ImportPending()
    {
        while (_pending.TryPop(out int offset))
        {
            if (_imported.Add(offset))
            {
                ImportBlock(offset);
            }
        }
    }

    private void ImportBlock(int offset)
    {
        _writer.BeginBlock(offset);
        SetLocation(offset);
        _stack = EnterStack(offset);
        EnterHandler(offset);
        while (true)
        {
            _current = Instruction.Read(_il.Code, offset);
            SetLocation(offset);
            _skip = _current.Next;
            ImportInstruction(_current);
            offset = _skip;
            if (_writer.IsTerminated)
            {
                return;
            }

            if (_il.Leaders.Contains(offset))
            {
                Jump(offset);
                return;
            }
        }
    }

    // What lies on the stack between blocks goes through variables; what was known of it is forgotten.
    private List<StackValue> EnterStack(int offset)
    {
        StackValue[] entry = _entryStacks[offset];
        List<StackValue> stack = [];
        for (int i = 0; i < entry.Length; i++)
        {
            string slot = _entrySlots[offset][i];
            stack.Add(entry[i].Kind == StackKind.Struct
                ? LoadValue(entry[i].Type!, slot, isOnStack: true)
                : entry[i] with { Operand = _writer.Value($"load {entry[i].IrType}, ptr {slot}") });
        }

        return stack;
    }

    /// <summary>Branches to a block with what is on the stack.</summary>
    private void Jump(int target)
    {
        PrepareTarget(target);
        _writer.End($"br label %{FunctionWriter.BlockLabel(target)}");
    }

    /// <summary>Stores the stack into the variables of a block that is about to be branched to.</summary>
    private void PrepareTarget(int target)
    {
        if (!_entryStacks.TryGetValue(target, out StackValue[]? entry))
        {
            entry = [.. _stack.Select(v => new StackValue(v.Kind, "") { Type = v.Kind == StackKind.Struct ? v.Type : null })];
            _entryStacks.Add(target, entry);
            _entrySlots.Add(target, [.. entry.Select(v => _writer.Variable(v.Kind == StackKind.Struct ? IrTypes.Memory(v.Type!, _compilation.Layout) : v.IrType))]);
        }

        if (entry.Length != _stack.Count)
        {
            throw new CompilationException($"{_stack.Count} values on the stack where another way leaves {entry.Length}");
        }

        for (int i = 0; i < entry.Length; i++)
        {
            StackValue value = Materialize(_stack[i]);
            string slot = _entrySlots[target][i];
            if (value.Kind == StackKind.Struct)
            {
                CopyStruct(value.Type!, slot, value.Operand);
            }
            else
            {
                _writer.Line($"store {ConvertStack(value, entry[i].Kind)}, ptr {slot}");
            }
        }

        _pending.Push(target);
    }

    private StackValue ConvertStack(StackValue value, StackKind kind)
    {
        if (value.Kind == kind)
        {
            return value;
        }

        return (value.Kind, kind) switch
        {
            (StackKind.Int32, StackKind.Native or StackKind.Int64) => new(kind, _writer.Value($"sext i32 {value.Operand} to i64")),
            (StackKind.Int64 or StackKind.Native, StackKind.Int32) => new(kind, _writer.Value($"trunc i64 {value.Operand} to i32")),
            (StackKind.Int64 or StackKind.Native, StackKind.Int64 or StackKind.Native) => value with { Kind = kind },
            (StackKind.Int64 or StackKind.Native, StackKind.ByRef or StackKind.Object) => new(kind, _writer.Value($"inttoptr i64 {value.Operand} to ptr")),
            (StackKind.ByRef or StackKind.Object, StackKind.Int64 or StackKind.Native) => new(kind, _writer.Value($"ptrtoint ptr {value.Operand} to i64")),
            (StackKind.ByRef or StackKind.Object, StackKind.ByRef or StackKind.Object) => value with { Kind = kind },
            (StackKind.Single, StackKind.Double) => new(kind, _writer.Value($"fpext float {value.Operand} to double")),
            (StackKind.Double, StackKind.Single) => new(kind, _writer.Value($"fptrunc double {value.Operand} to float")),
            _ => throw new CompilationException($"{value.Kind} where {kind} is expected"),
        };
    }

    private void Push(StackValue value) => _stack.Add(value);

    private void Push(StackKind kind, string operand) => _stack.Add(new StackValue(kind, operand));

    private void PushConstant(StackKind kind, long value) =>
        _stack.Add(new StackValue(kind, value.ToString(global::System.Globalization.CultureInfo.InvariantCulture)) { Constant = value });

    /// <summary>Takes a value off the stack as it is, perhaps not made yet.</summary>
    private StackValue PopRaw()
    {
        if (_stack.Count == 0)
        {
            throw new CompilationException("the stack is empty");
        }

        StackValue value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private StackValue Pop() => Materialize(PopRaw());

    private StackValue Pop(StackKind kind) => ConvertStack(Pop(), kind);

    /// <summary>Makes the object or the structure that a token stands for.</summary>
    private StackValue Materialize(StackValue value)
    {
        if (value.TypeOf is not null && value.Operand.Length == 0)
        {
            return TypeObject(value.TypeOf);
        }

        return value.Token is not null && value.Operand.Length == 0 ? TokenHandle(value) : value;
    }

    private bool IsForNativeCallers => _method.Definition.HasAttribute("System.Runtime.InteropServices.UnmanagedCallersOnlyAttribute");

    // Assembly may call what the runtime exports.
    private string Result()
    {
        string type = IrTypes.Return(_method.Signature);
        return type == "i32" && (_compilation.IsExported(_method) || IsForNativeCallers) ? IrTypes.NativeResult : type;
    }

    // A fault in the method is an exception of its caller's: so it is a call there.
    private bool MayFault => _method.Definition.HasAttribute("Ostd.MayFaultAttribute");

    private string Linkage() => _compilation.IsExported(_method) ? "" : "internal ";

    private string Parameters() => string.Join(", ", IrTypes.Arguments(_method.Signature).Select((type, i) => $"{type} %p{i}"));

    // A null access is a fault and not undefined behaviour; all functions have unwind tables; nothing is assumed about loops.
    private string Attributes()
    {
        string attributes = "#0";
        MethodImplAttributes implementation = _method.Definition.ImplAttributes;
        if ((implementation & MethodImplAttributes.NoInlining) != 0 || _hasFilters || MayFault)
        {
            attributes += " noinline";
        }
        else if ((implementation & MethodImplAttributes.AggressiveInlining) != 0)
        {
            attributes += " inlinehint";
        }

        return _il.Clauses.Length > 0 ? attributes + " personality ptr @AsterionPersonality" : attributes;
    }
}
