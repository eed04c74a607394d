// SPDX-License-Identifier: MPL-2.0

using Asterion.Compiler.Emit;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Analysis;

/// <summary>Data that the importer asks for.</summary>
internal sealed partial class Compilation
{
    private static readonly global::System.Collections.Generic.HashSet<string> _eager = ["System.Runtime.TypeCast"];

    private readonly global::System.Collections.Generic.HashSet<string> _thunks = [];

    public string StringSymbol(string value) => Data.String(value);

    public string StaticSymbol(FieldDesc field) => Data.Static(field);

    public string DataSymbol(FieldDesc field) => Data.InitialValue(field);

    public int ThreadStaticOffset(FieldDesc field) => Data.ThreadStaticOffset(field);

    public string TypeObject(TypeDesc type) => Data.TypeObject(type);

    /// <summary>The section for an object of the program, as part of its definition; nothing where it has no references.</summary>
    public string RootSection(TypeDesc type) => type switch
    {
        ArrayType array => Layout.HasReferences(array.Element),
        DefType { IsValueType: true } => Layout.HasReferences(type),
        _ => Layout.Get((DefType)type).References.Length > 0,
    } ? ModuleWriter.RootSection : "";

    public string CatchSymbol(TypeDesc type) => Data.Catch(type);

    /// <summary>The method table in a RuntimeTypeHandle.</summary>
    public string TypeObjectOwner(TypeDesc type) => NecessaryType(type);

    /// <summary>The state of a type's class constructor, or null where none has to run.</summary>
    public string? ClassConstructorContext(DefType type) =>
        type.ClassConstructor is null || _eager.Contains(type.Definition.FullName) || Preinitializer.IsDone(type) ? null : Data.ClassConstructorContext(type);

    public string FilterSymbol(MethodDesc method, int clause, global::System.Func<string, string> import)
    {
        string function = _names.Unique($"filter {clause} of {method}", (method, clause));
        if (TryAddThunk(function))
        {
            _output.AddFunction(import(function));
        }

        return Data.Filter(method, clause, function);
    }

    /// <summary>Whether a thunk is new.</summary>
    public bool TryAddThunk(string symbol) => _thunks.Add(symbol);

    public string DelegateThunk(DefType type, DelegateThunkKind kind) => DelegateThunks.Symbol(this, _names, _output, type, kind);
}
