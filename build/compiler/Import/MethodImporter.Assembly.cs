// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Metadata;
using Asterion.Compiler.Targets;

namespace Asterion.Compiler.Import;

/// <summary>What an <c>extern</c> method with <c>[Asm]</c> is on a target.</summary>
internal sealed record Assembly(string Template, string Constraints)
{
    private const string Attribute = "Ostd.Runtime.AsmAttribute";

    public static bool IsAssembly(MethodDesc method) => method.Definition.GetAttribute(Attribute) is not null;

    /// <summary>The instructions for a target: those that name it, else those that name none.</summary>
    public static Assembly For(MethodDesc method, Target target)
    {
        CustomAttributeValue<TypeDesc>[] all = [.. method.Definition.GetAttributes(Attribute)];
        CustomAttributeValue<TypeDesc> found = all.Where(a => Architecture(a) == target.Name).Concat(all.Where(a => Architecture(a) is null)).FirstOrDefault();
        return found.FixedArguments.IsDefault ? throw new CompilationException($"{method} has no instructions for {target.Name}")
            : new Assembly((string)found.FixedArguments[0].Value!, (string)found.FixedArguments[1].Value!);
    }

    private static string? Architecture(CustomAttributeValue<TypeDesc> attribute) => attribute.NamedArguments.FirstOrDefault(a => a.Name == "Architecture").Value as string;
}

/// <summary>Inline assembly.</summary>
internal sealed partial class MethodImporter
{
    // The method is instructions, with operands as LLVM's constraints say. They never throw, so this is a plain call everywhere.
    private void WriteAssembly(MethodDesc method, Assembly assembly, StackValue[] arguments)
    {
        if (!method.Definition.IsStatic || method.Signature.Parameters.Append(method.Signature.Return).Any(t => t.Kind == TypeKind.Struct))
        {
            throw new CompilationException($"assembly with a structure or an object's method: {method}");
        }

        string operands = string.Join(", ", arguments.Zip(method.Signature.Parameters, Operand));
        string call = $"call {IrTypes.Return(method.Signature)} asm sideeffect \"{Escape(assembly.Template)}\", \"{assembly.Constraints}\"({operands})";
        if (method.Signature.Return.Kind == TypeKind.Void)
        {
            _writer.Line(call);
        }
        else
        {
            Push(IrTypes.Stack(method.Signature.Return), _writer.Value(call));
        }
    }

    // LLVM leaves the upper half of a register open when an operand is shorter, and not every architecture's instructions can ignore it.
    private StackValue Operand(StackValue argument, TypeDesc parameter)
    {
        StackValue value = ConvertStack(argument, IrTypes.Stack(parameter));
        return value.Kind == StackKind.Int32 && !_compilation.Target.HasPartialRegisters
            ? new StackValue(StackKind.Int64, _writer.Value($"{(parameter.UnderlyingType.Kind == TypeKind.UInt32 ? "zext" : "sext")} {value} to i64"))
            : value;
    }

    private static string Escape(string template) => template.Replace("\\", "\\5C", StringComparison.Ordinal)
        .Replace("\"", "\\22", StringComparison.Ordinal).Replace("\n", "\\0A", StringComparison.Ordinal);
}
