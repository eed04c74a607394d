// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using System.Text;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>
/// The override of ValueType.__GetFieldHelper, by which CoreLib compares and hashes structures field by field. Without it CoreLib takes the bytes as they are, which is right for
/// integers without gaps only.
/// </summary>
internal static class FieldHelpers
{
    public const string Method = "__GetFieldHelper";

    /// <summary>Whether a structure's equality is another one than that of its bytes.</summary>
    public static bool IsNeeded(Compilation compilation, DefType type) =>
        !type.Definition.HasAttribute("System.Runtime.CompilerServices.InlineArrayAttribute") && !AreBytesEnough(compilation, type);

    /// <summary>The function: an index gives the field's type and its offset, any other number the count of fields.</summary>
    public static string Symbol(Compilation compilation, SymbolNames names, ModuleWriter output, DefType type)
    {
        string symbol = names.Unique($"{type}.{Method}", (type, Method));
        if (!compilation.TryAddThunk(symbol))
        {
            return symbol;
        }

        FieldDesc[] fields = [.. type.Fields.Where(f => !f.IsStatic)];
        var text = new StringBuilder($"define internal i32 {symbol}(ptr %this, i32 %index, ptr %type) #0 {{\nentry:\n  switch i32 %index, label %count [");
        for (int i = 0; i < fields.Length; i++)
        {
            text.Append($" i32 {i}, label %field{i}");
        }

        text.Append(" ]\n");
        for (int i = 0; i < fields.Length; i++)
        {
            text.Append($"field{i}:\n  store ptr {Boxed(compilation, fields[i].Type)}, ptr %type\n  ret i32 {compilation.Layout.OffsetOf(fields[i])}\n");
        }

        output.AddFunction(text.Append($"count:\n  ret i32 {fields.Length}\n}}\n\n").ToString());
        return symbol;
    }

    // CoreLib boxes the field to call its Equals.
    private static string Boxed(Compilation compilation, TypeDesc type)
    {
        if (type.IsUnmanagedPointer)
        {
            return compilation.ConstructedType(compilation.System.Primitive(TypeKind.IntPtr));
        }

        if (type is DefType { IsNullable: true } nullable)
        {
            compilation.ConstructedType(nullable.Arguments[0]);
        }

        return type.IsValueType && type is not DefType { IsByRefLike: true } ? compilation.ConstructedType(type) : compilation.NecessaryType(type);
    }

    private static bool AreBytesEnough(Compilation compilation, DefType type)
    {
        int covered = 0;
        foreach (FieldDesc field in type.Fields.Where(f => !f.IsStatic))
        {
            bool isEnough = field.Type.Kind switch
            {
                TypeKind.Single or TypeKind.Double => false,
                TypeKind.Struct => field.Type is DefType inner && !inner.Definition.Methods.Any(m => m.Name == "Equals" && m.IsVirtual) && AreBytesEnough(compilation, inner),
                _ => field.Type.IsValueType || field.Type.IsUnmanagedPointer,
            };
            if (!isEnough)
            {
                return false;
            }

            covered += compilation.Layout.SizeOf(field.Type);
        }

        return covered == compilation.Layout.SizeOf(type);
    }
}
