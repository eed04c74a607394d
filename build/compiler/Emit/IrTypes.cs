// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Asterion.Compiler.Import;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>How C#'s types look in LLVM IR. References and <c>ref</c>s are <c>ptr</c>; unmanaged pointers are <c>i64</c>; structures are bytes in memory.</summary>
internal static class IrTypes
{
    /// <summary>The type of a variable in memory.</summary>
    public static string Memory(TypeDesc type, FieldLayout layout) => type.Kind switch
    {
        TypeKind.Boolean or TypeKind.SByte or TypeKind.Byte => "i8",
        TypeKind.Char or TypeKind.Int16 or TypeKind.UInt16 => "i16",
        TypeKind.Int32 or TypeKind.UInt32 => "i32",
        TypeKind.Int64 or TypeKind.UInt64 or TypeKind.IntPtr or TypeKind.UIntPtr or TypeKind.Pointer or TypeKind.FunctionPointer => "i64",
        TypeKind.Single => "float",
        TypeKind.Double => "double",
        TypeKind.Enum => Memory(type.UnderlyingType, layout),
        TypeKind.Struct => string.Create(CultureInfo.InvariantCulture, $"[{layout.SizeOf(type)} x i8]"),
        TypeKind.Void or TypeKind.Parameter => throw new CompilationException($"a variable of type {type}"),
        _ => "ptr",
    };

    /// <summary>The type on the evaluation stack.</summary>
    public static StackKind Stack(TypeDesc type) => type.Kind switch
    {
        TypeKind.Boolean or TypeKind.SByte or TypeKind.Byte or TypeKind.Char or TypeKind.Int16 or TypeKind.UInt16 or TypeKind.Int32 or TypeKind.UInt32 => StackKind.Int32,
        TypeKind.Int64 or TypeKind.UInt64 => StackKind.Int64,
        TypeKind.IntPtr or TypeKind.UIntPtr or TypeKind.Pointer or TypeKind.FunctionPointer => StackKind.Native,
        TypeKind.Single => StackKind.Single,
        TypeKind.Double => StackKind.Double,
        TypeKind.Enum => Stack(type.UnderlyingType),
        TypeKind.Struct => StackKind.Struct,
        TypeKind.ByRef => StackKind.ByRef,
        TypeKind.Void or TypeKind.Parameter => throw new CompilationException($"a value of type {type}"),
        _ => StackKind.Object,
    };

    /// <summary>The type of an argument or result: integers shorter than 32 bits are widened, as on the stack; structures go by address.</summary>
    public static string Argument(TypeDesc type) => Stack(type) switch
    {
        StackKind.Int32 => "i32",
        StackKind.Int64 or StackKind.Native => "i64",
        StackKind.Single => "float",
        StackKind.Double => "double",
        _ => "ptr",
    };

    /// <summary>
    /// An integer of at most 32 bits between compiled and native code. RISC-V's and LoongArch's conventions want it sign-extended to the register, unsigned ones too; the compiler's
    /// own functions leave the upper half open. On x86-64 it is always open.
    /// </summary>
    public const string NativeInteger = "i32 signext";

    /// <summary>Such an integer as a result.</summary>
    public const string NativeResult = "signext i32";

    public static bool ReturnsByAddress(MethodSig signature) => signature.Return.Kind == TypeKind.Struct;

    public static string Return(MethodSig signature) =>
        signature.Return.Kind == TypeKind.Void || ReturnsByAddress(signature) ? "void" : Argument(signature.Return);

    /// <summary>Types of all arguments: the address of a structure's result, <c>this</c>, the parameters.</summary>
    public static IEnumerable<string> Arguments(MethodSig signature)
    {
        IEnumerable<string> all = signature.Parameters.Select(Argument);
        all = signature.IsInstance ? all.Prepend("ptr") : all;
        return ReturnsByAddress(signature) ? all.Prepend("ptr") : all;
    }

    public static bool IsSigned(TypeDesc type) => type.UnderlyingType.Kind is TypeKind.SByte or TypeKind.Int16 or TypeKind.Int32 or TypeKind.Int64 or TypeKind.IntPtr;
}
