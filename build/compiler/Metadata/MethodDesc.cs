// SPDX-License-Identifier: MPL-2.0

using System.Linq;

namespace Asterion.Compiler.Metadata;

/// <summary>A method of a type, with the method's type arguments.</summary>
internal sealed class MethodDesc(DefType owner, MethodDef definition, TypeDesc[] arguments)
{
    private MethodSig? _signature;

    public DefType Owner { get; } = owner;

    public MethodDef Definition { get; } = definition;

    public TypeDesc[] Arguments { get; } = arguments;

    public TypeSystem System => Owner.System;

    public string Name => Definition.Name;

    public MethodSig Signature => _signature ??= Definition.Signature.Substitute(Owner.Arguments, Arguments);

    /// <summary>Generic, and without its arguments.</summary>
    public bool IsOpen => Definition.GenericArity != Arguments.Length;

    public bool IsGenericVirtual => Definition.IsVirtual && Definition.GenericArity > 0;

    public bool HasParameters => Owner.HasParameters || Arguments.Any(a => a.HasParameters);

    /// <summary>Owner and name as in a list of substitutions: <c>System.SR.UsingResourceKeys</c>.</summary>
    public string DefinitionName => $"{Owner.Definition.FullName}.{Definition.Name}";

    public MethodDesc Instantiate(params TypeDesc[] methodArguments) => Owner.GetMethod(Definition, methodArguments);

    /// <summary>The same method of the same definition with parameters replaced.</summary>
    public MethodDesc Substitute(TypeDesc[] typeArguments, TypeDesc[] methodArguments) =>
        ((DefType)Owner.Substitute(typeArguments, methodArguments)).GetMethod(Definition,
            Arguments.Select(a => a.Substitute(typeArguments, methodArguments)).ToArray());

    /// <summary>Name for people and for the linker: owner, name, arguments, parameters.</summary>
    public override string ToString() =>
        $"{Owner.Name}.{Name}{(Arguments.Length == 0 ? "" : $"<{string.Join(", ", Arguments.Select(a => a.Name))}>")}{Signature}";
}

/// <summary>A field of a type.</summary>
internal sealed class FieldDesc(DefType owner, FieldDef definition)
{
    private TypeDesc? _type;

    public DefType Owner { get; } = owner;

    public FieldDef Definition { get; } = definition;

    public string Name => Definition.Name;

    public bool IsStatic => Definition.IsStatic;

    public TypeDesc Type => _type ??= Definition.Type.Substitute(Owner.Arguments, []);

    public override string ToString() => $"{Owner.Name}.{Name}";
}
