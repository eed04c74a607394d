// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>Methods without a body that reach a private member of another type (<c>UnsafeAccessorAttribute</c>): those of objects' fields and methods.</summary>
internal static class UnsafeAccessors
{
    public const string Attribute = "System.Runtime.CompilerServices.UnsafeAccessorAttribute";

    // UnsafeAccessorKind.
    private const int Method = 1;
    private const int Field = 3;

    public static string Accessor(Compilation compilation, MethodDesc accessor, string symbol, CustomAttributeValue<TypeDesc> attribute)
    {
        string name = attribute.NamedArguments.FirstOrDefault(a => a.Name == "Name").Value as string ?? accessor.Name;
        TypeDesc first = accessor.Signature.Parameters[0];
        if (first is not DefType { IsValueType: false } owner)
        {
            throw new CompilationException($"{accessor} reaches into {first}");
        }

        string[] types = [.. IrTypes.Arguments(accessor.Signature)];
        string head = $"define internal {IrTypes.Return(accessor.Signature)} {symbol}({string.Join(", ", types.Select((t, i) => $"{t} %p{i}"))}) #0 {{\n";
        switch ((int)attribute.FixedArguments[0].Value!)
        {
            case Field:
                int offset = compilation.Layout.OffsetOf(FindField(owner, name) ?? throw new CompilationException($"{owner} has no field {name}"));
                return $"{head}  %isnull = icmp eq ptr %p0, null\n  br i1 %isnull, label %null, label %field\nnull:\n  call void {compilation.ThrowHelper("ThrowNullReferenceException")}()\n  unreachable\n"
                    + $"field:\n  %address = getelementptr i8, ptr %p0, i64 {offset}\n  ret ptr %address\n}}\n\n";
            case Method:
                MethodDesc target = FindMethod(owner, name, accessor) ?? throw new CompilationException($"{owner} has no method {name} as {accessor} declares it");
                string call = $"call {IrTypes.Return(accessor.Signature)} {compilation.MethodSymbol(target)}({string.Join(", ", types.Select((t, i) => $"{t} %p{i}"))})";
                return IrTypes.Return(accessor.Signature) == "void"
                    ? $"{head}  {call}\n  ret void\n}}\n\n"
                    : $"{head}  %result = {call}\n  ret {IrTypes.Return(accessor.Signature)} %result\n}}\n\n";
            default:
                throw new CompilationException($"{accessor} is neither for a field nor for a method of objects");
        }
    }

    private static FieldDesc? FindField(DefType owner, string name) =>
        owner.Definition.Fields.Any(f => f.Name == name && !f.IsStatic) ? owner.GetField(name) : null;

    private static MethodDesc? FindMethod(DefType owner, string name, MethodDesc accessor)
    {
        IEnumerable<TypeDesc> parameters = accessor.Signature.Parameters.Skip(1);
        return owner.Definition.Methods.Where(m => m.Name == name && !m.IsStatic && m.GenericArity == 0).Select(m => owner.GetMethod(m))
            .FirstOrDefault(m => m.Signature.Parameters.SequenceEqual(parameters) && m.Signature.Return == accessor.Signature.Return);
    }
}
