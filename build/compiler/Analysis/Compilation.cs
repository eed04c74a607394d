// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Import;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;
using Asterion.Compiler.Preinit;
using Asterion.Compiler.Targets;

namespace Asterion.Compiler.Analysis;

/// <summary>
/// The whole program. Methods are imported from the roots on; what the importer asks this object for (a method's symbol, a type's table, a virtual call) is what
/// the program needs, and nothing else is compiled.
/// </summary>
internal sealed partial class Compilation
{
    // An instantiation deeper than this one comes from a method that calls itself with ever larger types.
    private const int DeepestInstantiation = 12;

    // In this order; reflection is the one that refuses, as in the kernel's build.
    private static readonly string[] _initializedLibraries = ["System.Private.CoreLib", "System.Private.DisabledReflection"];

    // What may stand in assembly: how it is declared.
    private static readonly Dictionary<string, string> _stubs = new(StringComparer.Ordinal)
    {
        ["RhpThrowEx"] = "void {0}(ptr) noreturn",
        ["RhpRethrow"] = "void {0}(ptr) noreturn",
        ["RhpNewFast"] = "ptr {0}(ptr)",
        ["RhpNewArray"] = "ptr {0}(ptr, i32)",
        ["RhpCheckedAssignRef"] = "void {0}(ptr, ptr)",
        ["RhBulkMoveWithWriteBarrier"] = "void {0}(ptr, ptr, i64)",
    };

    // How many methods a message names of those that led to the one that does not compile.
    private const int NamedRequesters = 12;

    private readonly Queue<MethodDesc> _toImport = new();
    private readonly Dictionary<MethodDesc, MethodDesc> _requesters = [];
    private MethodDesc? _importing;
    private readonly Dictionary<MethodDesc, string> _methods = [];
    private readonly Dictionary<string, MethodDesc> _exports = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _foreign = new(StringComparer.Ordinal);
    private readonly HashSet<MethodDesc> _exported = [];
    private readonly SymbolNames _names = new();
    private readonly ModuleWriter _output;

    /// <param name="target">What the program is made for.</param>
    /// <param name="system">The program's types.</param>
    /// <param name="exporters">Assemblies whose <c>[RuntimeExport]</c> methods are the runtime.</param>
    public Compilation(Target target, TypeSystem system, IEnumerable<ModuleFile> exporters)
    {
        Target = target;
        System = system;
        _output = new ModuleWriter(target);
        Substitutions = new Substitutions(system.CoreLib);
        Data = new DataEmitter(this, _output);
        Preinitializer = new Preinitializer(this, _output);
        foreach (ModuleFile module in exporters)
        {
            CollectExports(module);
        }
    }

    public Target Target { get; }

    public TypeSystem System { get; }

    public FieldLayout Layout { get; } = new();

    public VirtualMethods Virtuals { get; } = new();

    public Substitutions Substitutions { get; }

    public DataEmitter Data { get; }

    public Preinitializer Preinitializer { get; }

    /// <summary>Source lines for debuggers and traces, or null where none are asked for.</summary>
    public DebugInformation? Debug { get; init; }

    /// <summary>What an earlier compilation of the same program found, or null in that one.</summary>
    public ClosedWorld? World { get; init; }

    /// <summary>Parts of the names of methods whose text is printed.</summary>
    public IReadOnlyList<string> Dumped { get; init; } = [];

    public int MethodCount => _methods.Count;

    /// <summary>Compiles a program and writes its LLVM IR.</summary>
    /// <param name="main">Where the program starts; null: at what is exported.</param>
    /// <param name="output">Receives it.</param>
    public void Compile(MethodDesc? main, TextWriter output)
    {
        // Assembly and the linker may ask for any export of the runtime; CoreLib's are compiled when somebody names them.
        foreach (MethodDesc export in _exported.Where(e => e.Owner.Definition.Module != System.CoreLib))
        {
            MethodSymbol(export);
        }

        _output.IsKernel = main is null;
        if (main is not null)
        {
            _output.AddFunction(Thunks.Program(this, main));
        }

        _output.AddFunction(Thunks.Words());
        _output.AddFunction(Thunks.AtomicCopies());
        IEnumerable<MethodDesc> libraries = _initializedLibraries.Select(l => System.GetModule(l).FindType("Internal.Runtime.CompilerHelpers", "LibraryInitializer")
            ?? throw new CompilationException($"{l} has no initializer")).Select(t => System.GetOpen(t).GetMethod("InitializeLibrary"));
        _output.AddFunction(Thunks.Initializers(EagerTypes().Select(t => t.ClassConstructor!).Concat(libraries).Select(MethodSymbol)));
        ImportAll();
        EmitTypes();
        EmitGenericDispatchers();
        Data.EmitThreadStaticsSize();
        foreach ((string name, string declaration) in _foreign)
        {
            if (!_exports.ContainsKey(name) && !Thunks.IsDefined(name))
            {
                _output.AddDeclaration(declaration);
            }
        }

        _output.Write(output);
        Debug?.Write(output);
    }

    /// <summary>The symbol of a method, which is compiled if it has not been.</summary>
    public string MethodSymbol(MethodDesc method)
    {
        if (_methods.TryGetValue(method, out string? symbol))
        {
            return symbol;
        }

        if (method.IsOpen || method.HasParameters)
        {
            throw new CompilationException($"{method} is not closed");
        }

        if (method.Owner.Depth > DeepestInstantiation || method.Arguments.Any(a => a.Depth > DeepestInstantiation))
        {
            throw new CompilationException($"an instantiation without end: {method}");
        }

        if (ForeignName(method) is { } foreign)
        {
            if (_exports.TryGetValue(foreign, out MethodDesc? export))
            {
                return MethodSymbol(export);
            }

            return Foreign(foreign, $"{IrTypes.Return(method.Signature)} @{foreign}({string.Join(", ", IrTypes.Arguments(method.Signature))})");
        }

        symbol = _exported.Contains(method) ? "@" + ExportName(method.Definition)! : _names.Unique(method.ToString() + ReturnSuffix(method), method);
        _methods.Add(method, symbol);
        _toImport.Enqueue(method);
        if (_importing is not null)
        {
            _requesters.Add(method, _importing);
        }

        return symbol;
    }

    /// <summary>Whether a method is code of another language or file.</summary>
    public bool IsForeign(MethodDesc method) => ForeignName(method) is { } name && !_exports.ContainsKey(name);

    public bool IsExported(MethodDesc method) => _exported.Contains(method);

    /// <summary>A function of the runtime: compiled when C# exports it, else left to the linker.</summary>
    public string Helper(string name) => _exports.TryGetValue(name, out MethodDesc? method)
        ? MethodSymbol(method)
        : _stubs.TryGetValue(name, out string? signature) ? Foreign(name, string.Format(global::System.Globalization.CultureInfo.InvariantCulture, signature, "@" + name))
        : throw new CompilationException($"the runtime has no {name}");

    public string ThrowHelper(string name) =>
        MethodSymbol(System.CoreType("Internal.Runtime.CompilerHelpers", "ThrowHelpers").GetMethod(name));

    /// <summary>The method that a call of a static abstract method reaches.</summary>
    public MethodDesc ResolveStaticVirtual(TypeDesc constrained, MethodDesc method)
    {
        if (constrained is DefType type && (type.Interfaces.Contains(method.Owner) || type == method.Owner)
            && Virtuals.ResolveInterfaceMethod(type, method) is { } found)
        {
            return found;
        }

        throw new CompilationException($"{constrained} has no {method}");
    }

    /// <summary>What a call of an interface's method reaches on an object of just this type; null where that is not certain.</summary>
    public MethodDesc? ResolveInterfaceMethod(DefType type, MethodDesc method) =>
        type.Interfaces.Contains(method.Owner) ? Virtuals.ResolveInterfaceMethod(type, method) : null;

    private void ImportAll()
    {
        while (_toImport.TryDequeue(out MethodDesc? method))
        {
            _importing = method;
            string text;
            try
            {
                text = Translate(method, _methods[method]);
            }
            catch (CompilationException failure) when (_requesters.ContainsKey(method))
            {
                failure.NeededBy = string.Join(", by ", RequestersOf(method).Take(NamedRequesters));
                throw;
            }

            _output.AddFunction(text);
            if (Dumped.Count > 0 && method.ToString() is var dumpedName && Dumped.Any(d => dumpedName.Contains(d, StringComparison.Ordinal)))
            {
                Console.Write(text);
            }
        }
    }

    private IEnumerable<MethodDesc> RequestersOf(MethodDesc method)
    {
        while (_requesters.TryGetValue(method, out MethodDesc? requester))
        {
            yield return requester;
            method = requester;
        }
    }

    private string Translate(MethodDesc method, string symbol)
    {
        if (Substitutions.IsRemoved(method))
        {
            return Thunks.Removed(this, method, symbol);
        }

        if (method.Owner.IsDelegate && !method.Definition.HasBody)
        {
            return DelegateThunks.Invoke(this, method, symbol);
        }

        if (!method.Definition.HasBody && method.Definition.GetAttribute(UnsafeAccessors.Attribute) is { } accessor)
        {
            return UnsafeAccessors.Accessor(this, method, symbol, accessor);
        }

        if (!method.Definition.HasBody)
        {
            throw new CompilationException($"{method} has no body");
        }

        return MethodImporter.Import(this, method, symbol);
    }

    private void CollectExports(ModuleFile module)
    {
        foreach (CustomAttributeHandle handle in module.Reader.CustomAttributes)
        {
            CustomAttribute attribute = module.Reader.GetCustomAttribute(handle);
            if (attribute.Parent.Kind == HandleKind.MethodDefinition)
            {
                var method = (MethodDefinitionHandle)attribute.Parent;
                TypeDef owner = module.GetTypeDef(module.Reader.GetMethodDefinition(method).GetDeclaringType());
                MethodDef definition = owner.Methods.Single(m => m.Handle == method);
                if (ExportName(definition) is { } name)
                {
                    MethodDesc export = System.GetOpen(owner).GetMethod(definition);
                    _exports[name] = export;
                    _exported.Add(export);
                }
            }
        }
    }

    private static string? ExportName(MethodDef method) => method.GetAttribute("System.Runtime.RuntimeExportAttribute")?.FixedArguments[0].Value as string;

    // The last argument of RuntimeImport is the symbol, behind the name of a library that means nothing here.
    private static string? ForeignName(MethodDesc method) => method.Definition.HasBody || method.Definition.IsAbstract ? null
        : method.Definition.PInvokeSymbol ?? method.Definition.GetAttribute("System.Runtime.RuntimeImportAttribute")?.FixedArguments[^1].Value as string;

    private string Foreign(string name, string declaration)
    {
        _foreign.TryAdd(name, "declare " + declaration);
        return "@" + name;
    }

    // Conversion operators may differ in nothing but their result.
    private static string ReturnSuffix(MethodDesc method) => method.Name is "op_Implicit" or "op_Explicit" or "op_CheckedExplicit" ? " " + method.Signature.Return : "";

    private IEnumerable<DefType> EagerTypes() => System.CoreLib.Reader.TypeDefinitions.Select(System.CoreLib.GetTypeDef)
        .Where(t => t.HasAttribute("System.Runtime.CompilerServices.EagerStaticClassConstructionAttribute") && t.FindMethod(".cctor") is not null && _eager.Contains(t.FullName))
        .Select(System.GetOpen);
}
