// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>Data that code refers to: string literals, static fields, initial values of arrays, objects of types, what class constructors and catch clauses need.</summary>
internal sealed class DataEmitter(Compilation compilation, ModuleWriter output)
{
    private const int HeaderSize = 8;

    private readonly SymbolNames _names = new();
    private readonly Dictionary<string, string> _strings = new(StringComparer.Ordinal);
    private readonly Dictionary<FieldDesc, string> _statics = [];
    private readonly Dictionary<FieldDesc, string> _initialValues = [];
    private readonly Dictionary<FieldDesc, int> _threadStatics = [];
    private readonly Dictionary<TypeDesc, string> _typeObjects = [];
    private readonly Dictionary<TypeDef, string> _definitions = [];
    private readonly Dictionary<DefType, string> _arguments = [];
    private readonly Dictionary<DefType, string> _contexts = [];
    private readonly Dictionary<TypeDesc, string> _catches = [];
    private readonly HashSet<string> _filters = [];
    private int _threadStaticsSize;

    /// <summary>A string literal: an object that is never freed.</summary>
    public string String(string value)
    {
        if (!_strings.TryGetValue(value, out string? symbol))
        {
            symbol = string.Create(CultureInfo.InvariantCulture, $"@string.{_strings.Count}");
            var data = new DataBuilder(HeaderSize + 12 + ((value.Length + 1) * 2));
            data.Address(HeaderSize, compilation.ConstructedType(compilation.System.String));
            data.Int32(HeaderSize + 8, value.Length);
            MemoryMarshal.AsBytes(value.AsSpan()).CopyTo(data.Bytes(HeaderSize + 12, value.Length * 2));
            output.AddData($"{symbol} = internal global {data}, align 8");
            _strings.Add(value, symbol = Object(symbol));
        }

        return symbol;
    }

    /// <summary>The variable of a static field.</summary>
    public string Static(FieldDesc field)
    {
        if (!_statics.TryGetValue(field, out string? symbol))
        {
            _statics.Add(field, symbol = _names.Unique("static " + field, field));
            string content = compilation.Preinitializer.InitialValue(field) is { } initial
                ? compilation.Preinitializer.Build(initial, 0).ToString()
                : $"{IrTypes.Memory(field.Type, compilation.Layout)} zeroinitializer";
            string section = compilation.Layout.HasReferences(field.Type) ? ModuleWriter.RootSection : "";
            output.AddData($"{symbol} = internal global {content}{section}, align 8");
        }

        return symbol;
    }

    /// <summary>The constant behind a field with initial values in the assembly.</summary>
    public string InitialValue(FieldDesc field)
    {
        if (!_initialValues.TryGetValue(field, out string? symbol))
        {
            _initialValues.Add(field, symbol = _names.Unique("data " + field, field));
            int size = compilation.Layout.SizeOf(field.Type);
            var data = new DataBuilder(size);
            field.Owner.Definition.Module.GetDataAt(field.Definition.RelativeVirtualAddress, size).CopyTo(data.Bytes(0, size));
            output.AddData($"{symbol} = internal constant {data}, align 16");
        }

        return symbol;
    }

    /// <summary>Where a thread-static field stands in each thread's block.</summary>
    public int ThreadStaticOffset(FieldDesc field)
    {
        if (!_threadStatics.TryGetValue(field, out int offset))
        {
            offset = FieldLayout.Align(_threadStaticsSize, 8);
            _threadStatics.Add(field, offset);
            _threadStaticsSize = offset + compilation.Layout.SizeOf(field.Type);
        }

        return offset;
    }

    public void EmitThreadStaticsSize() =>
        output.AddData($"@AsterionThreadStaticsSize = constant i64 {FieldLayout.Align(_threadStaticsSize, 16)}, align 8");

    /// <summary>The object that <c>typeof</c> gives.</summary>
    public string TypeObject(TypeDesc type)
    {
        DefType runtimeType = compilation.System.CoreType("System", "RuntimeType");
        compilation.ConstructedType(runtimeType);
        compilation.NecessaryType(type);
        return Object(TypeObjectName(type));
    }

    /// <summary>The word through which a method table leads to the type's object.</summary>
    public string WritableWord(TypeDesc type)
    {
        DefType runtimeType = compilation.System.CoreType("System", "RuntimeType");
        string name = TypeObjectName(type);
        string word = name.Insert(2, "word of ");
        var data = new DataBuilder(HeaderSize + compilation.Layout.Get(runtimeType).Size);
        data.Address(HeaderSize, compilation.NecessaryType(runtimeType));
        data.Address(HeaderSize + compilation.Layout.OffsetOf(runtimeType.GetField("_pUnderlyingEEType")), compilation.NecessaryType(type));
        output.AddData($"{name} = internal global {data}{compilation.RootSection(runtimeType)}, align 8\n{word} = internal global ptr {Object(name)}, align 8");
        return word;
    }

    public string GenericDefinition(TypeDef definition)
    {
        if (!_definitions.TryGetValue(definition, out string? symbol))
        {
            _definitions.Add(definition, symbol = _names.Unique("definition " + definition, definition));
            output.AddData(MethodTableEmitter.EmitDefinition(definition, symbol, WritableWord(compilation.System.GetOpen(definition))));
        }

        return symbol;
    }

    /// <summary>One type argument itself; several as a list.</summary>
    public string GenericArguments(DefType type)
    {
        if (type.Arguments.Length == 1)
        {
            return compilation.NecessaryType(type.Arguments[0]);
        }

        if (!_arguments.TryGetValue(type, out string? symbol))
        {
            _arguments.Add(type, symbol = _names.Unique("arguments " + type, (type, "arguments")));
            var data = new DataBuilder(8 * type.Arguments.Length);
            for (int i = 0; i < type.Arguments.Length; i++)
            {
                data.Address(8 * i, compilation.NecessaryType(type.Arguments[i]));
            }

            output.AddData($"{symbol} = internal constant {data}, align 8");
        }

        return symbol;
    }

    /// <summary>
    /// The state of a class constructor that runs lazily: whether it still has to run (0: it has), its code, the exception that it left with, the thread that runs it.
    /// </summary>
    public string ClassConstructorContext(DefType type)
    {
        if (!_contexts.TryGetValue(type, out string? symbol))
        {
            _contexts.Add(type, symbol = _names.Unique("constructor state of " + type, type));
            output.AddData($"{symbol} = internal global {{ i64, ptr, ptr, i64, ptr }} {{ i64 1, ptr {compilation.MethodSymbol(type.ClassConstructor!)}, ptr null, i64 0, ptr {String(type.Name)} }}{ModuleWriter.RootSection}, align 8");
        }

        return symbol;
    }

    /// <summary>What stands for a type in the exception tables.</summary>
    public string Catch(TypeDesc type)
    {
        if (!_catches.TryGetValue(type, out string? symbol))
        {
            _catches.Add(type, symbol = _names.Unique("catch " + type, (type, "catch")));
            output.AddData($"{symbol} = internal constant {{ ptr, ptr }} {{ ptr {compilation.NecessaryType(type)}, ptr null }}, align 8");
        }

        return symbol;
    }

    /// <summary>What stands for a filter in the exception tables: no type, but a function to ask.</summary>
    public string Filter(MethodDesc method, int clause, string function)
    {
        string symbol = _names.Unique($"catch {clause} of {method}", function);
        if (_filters.Add(symbol))
        {
            output.AddData($"{symbol} = internal constant {{ ptr, ptr }} {{ ptr null, ptr {function} }}, align 8");
        }

        return symbol;
    }

    private string TypeObjectName(TypeDesc type)
    {
        if (!_typeObjects.TryGetValue(type, out string? symbol))
        {
            _typeObjects.Add(type, symbol = _names.Unique("typeof " + type.Name, type));
        }

        return symbol;
    }

    private static string Object(string symbol) => $"getelementptr (i8, ptr {symbol}, i64 {HeaderSize})";
}
