// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Preinit;

/// <summary>
/// Class constructors evaluated at compile time. One that reads nothing but what it made itself gives the same at any time, so its statics become data, its objects too, and
/// nothing is left to run. All others run lazily.
/// </summary>
internal sealed class Preinitializer(Compilation compilation, ModuleWriter output)
{
    private readonly Dictionary<DefType, Dictionary<FieldDef, PreMemory>?> _results = [];
    private readonly Dictionary<DefType, string> _reasons = [];
    private readonly Dictionary<PreObject, string> _objects = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<DefType> _inProgress = [];

    /// <summary>How many class constructors are gone.</summary>
    public int Count => _results.Count(r => r.Value is not null);

    /// <summary>Types whose class constructor stays, with what stood in the way.</summary>
    public IEnumerable<(DefType Type, string Reason)> Remaining => _reasons.Select(r => (r.Key, r.Value));

    /// <summary>Whether a type's class constructor is evaluated, so that nobody has to run it.</summary>
    public bool IsDone(DefType type) => Run(type) is not null;

    /// <summary>The initial content of a static field, or null for zeros.</summary>
    public PreMemory? InitialValue(FieldDesc field) =>
        field.Owner.ClassConstructor is not null && Run(field.Owner) is { } fields && fields.TryGetValue(field.Definition, out PreMemory? memory) ? memory : null;

    /// <summary>Content as a constant of LLVM.</summary>
    public DataBuilder Build(PreMemory memory, int headerSize)
    {
        var data = new DataBuilder(headerSize + memory.Size);
        memory.Bytes.CopyTo(data.Bytes(headerSize, memory.Size));
        foreach ((int offset, object link) in memory.Links)
        {
            data.Address(headerSize + offset, link switch
            {
                PreObject target => Symbol(target),
                SymbolValue known => known.Symbol(),
                _ => compilation.MethodSymbol(((FunctionValue)link).Method),
            });
        }

        return data;
    }

    private Dictionary<FieldDef, PreMemory>? Run(DefType type)
    {
        if (_results.TryGetValue(type, out var result))
        {
            return result;
        }

        // A cycle is the order in which the program runs it; only the program knows.
        if (!_inProgress.Add(type))
        {
            return null;
        }

        try
        {
            var interpreter = new Interpreter(compilation, this, type);
            result = interpreter.RunClassConstructor();
        }
        catch (PreinitException reason)
        {
            _reasons.Add(type, reason.Message);
        }

        _inProgress.Remove(type);
        _results.Add(type, result);
        return result;
    }

    private string Symbol(PreObject target)
    {
        const int HeaderSize = 8;
        if (target.Literal is not null)
        {
            return compilation.StringSymbol(target.Literal);
        }

        if (target.NamedType is not null)
        {
            return compilation.TypeObject(target.NamedType);
        }

        if (!_objects.TryGetValue(target, out string? symbol))
        {
            string name = $"@object.{_objects.Count}";
            symbol = $"getelementptr (i8, ptr {name}, i64 {HeaderSize})";
            _objects.Add(target, symbol);
            DataBuilder data = Build(target.Memory, HeaderSize);
            data.Address(HeaderSize, compilation.ConstructedType(target.Type));
            output.AddData($"{name} = internal global {data}{compilation.RootSection(target.Type)}, align 8");
        }

        return symbol;
    }
}
