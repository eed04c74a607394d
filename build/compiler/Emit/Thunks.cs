// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Text;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>Functions that have no IL.</summary>
internal static class Thunks
{
    private static readonly int[] _elementSizes = [1, 2, 4, 8];

    /// <summary>The function that copies words, each as a whole: target, source, count.</summary>
    public const string CopyWords = "AsterionCopyWords";

    /// <summary>The function that stores zero words, each as a whole: target, count.</summary>
    public const string ZeroWords = "AsterionZeroWords";

    /// <summary>The functions for words. The loads and stores are atomic, so that LLVM does not make a copy by bytes of the loops.</summary>
    public static string Words() => $"""
        define internal void @{CopyWords}(ptr %target, ptr %source, i64 %count) #0 {"{"}
        entry:
          br label %loop
        loop:
          %index = phi i64 [ 0, %entry ], [ %next, %loop ]
          %from = getelementptr i64, ptr %source, i64 %index
          %to = getelementptr i64, ptr %target, i64 %index
          %word = load atomic ptr, ptr %from unordered, align 8
          store atomic ptr %word, ptr %to unordered, align 8
          %next = add i64 %index, 1
          %more = icmp ult i64 %next, %count
          br i1 %more, label %loop, label %end
        end:
          ret void
        {"}"}

        define internal void @{ZeroWords}(ptr %target, i64 %count) #0 {"{"}
        entry:
          br label %loop
        loop:
          %index = phi i64 [ 0, %entry ], [ %next, %loop ]
          %to = getelementptr i64, ptr %target, i64 %index
          store atomic ptr null, ptr %to unordered, align 8
          %next = add i64 %index, 1
          %more = icmp ult i64 %next, %count
          br i1 %more, label %loop, label %end
        end:
          ret void
        {"}"}


        """;

    /// <summary>
    /// The functions that LLVM calls for a loop that copies atomically (llvm.memcpy.element.unordered.atomic, for each size of an element). They take a count of bytes; the attribute keeps LLVM from making
    /// such calls of their own loops.
    /// </summary>
    public static string AtomicCopies() => string.Concat(_elementSizes.Select(size => $"""
        define weak hidden void @__llvm_memcpy_element_unordered_atomic_{size}(ptr %target, ptr %source, i64 %bytes) #0 "no-builtins" {"{"}
        entry:
          %any = icmp ne i64 %bytes, 0
          br i1 %any, label %loop, label %end
        loop:
          %offset = phi i64 [ 0, %entry ], [ %next, %loop ]
          %from = getelementptr i8, ptr %source, i64 %offset
          %to = getelementptr i8, ptr %target, i64 %offset
          %element = load atomic i{8 * size}, ptr %from unordered, align {size}
          store atomic i{8 * size} %element, ptr %to unordered, align {size}
          %next = add i64 %offset, {size}
          %more = icmp ult i64 %next, %bytes
          br i1 %more, label %loop, label %end
        end:
          ret void
        {"}"}


        """));

    /// <summary>Whether a symbol is one that every program defines.</summary>
    public static bool IsDefined(string name) => name is "AsterionProgram" or "AsterionInitialize";

    /// <summary>The function that the runtime calls to run the program: takes the arguments, returns the status.</summary>
    public static string Program(Compilation compilation, MethodDesc main)
    {
        string symbol = compilation.MethodSymbol(main);
        string arguments = main.Signature.Parameters.Length == 0 ? "" : "ptr %arguments";
        string body = main.Signature.Return.Kind switch
        {
            TypeKind.Void => $"call void {symbol}({arguments})\n  ret i32 0",
            TypeKind.Int32 => $"%status = call i32 {symbol}({arguments})\n  ret i32 %status",
            _ => throw new CompilationException($"{main} returns {main.Signature.Return}"),
        };
        return $"define i32 @AsterionProgram(ptr %arguments) #0 {{\n  {body}\n}}\n\n";
    }

    /// <summary>The function that runs what has to run before anything else: class constructors that CoreLib marks as eager, and CoreLib's own initializer.</summary>
    public static string Initializers(IEnumerable<string> constructors) =>
        $"define void @AsterionInitialize() #0 {{\n{string.Concat(constructors.Select(c => $"  call void {c}()\n"))}  ret void\n}}\n\n";

    /// <summary>A method that a feature switch removed: it throws NotSupportedException.</summary>
    public static string Removed(Compilation compilation, MethodDesc method, string symbol) =>
        $"define internal {IrTypes.Return(method.Signature)} {symbol}({string.Join(", ", IrTypes.Arguments(method.Signature))}) #0 {{\n"
        + $"  call void {compilation.ThrowHelper("ThrowFeatureBodyRemoved")}()\n  unreachable\n}}\n\n";

    /// <summary>Passes a box's content on as the <c>this</c> of a structure's method.</summary>
    public static string Unbox(MethodDesc method, string symbol, string target)
    {
        string[] types = [.. IrTypes.Arguments(method.Signature)];
        int receiver = IrTypes.ReturnsByAddress(method.Signature) ? 1 : 0;
        string parameters = string.Join(", ", types.Select((t, i) => $"{t} %p{i}"));
        string arguments = string.Join(", ", types.Select((t, i) => i == receiver ? "ptr %content" : $"{t} %p{i}"));
        string returned = IrTypes.Return(method.Signature);
        string call = returned == "void"
            ? $"call void {target}({arguments})\n  ret void"
            : $"%result = call {returned} {target}({arguments})\n  ret {returned} %result";
        return $"define internal {returned} {symbol}({parameters}) #0 {{\n  %content = getelementptr i8, ptr %p{receiver}, i64 8\n  {call}\n}}\n\n";
    }

    /// <summary>Finds a generic virtual method by an object's method table, among all types of which there are objects.</summary>
    public static string GenericDispatcher(Compilation compilation, string symbol, IEnumerable<(string Table, string Target)> targets)
    {
        var text = new StringBuilder($"define internal ptr {symbol}(ptr %object) #0 {{\n  %table = load ptr, ptr %object\n");
        int index = 0;
        foreach ((string table, string target) in targets)
        {
            text.Append($"  %is{index} = icmp eq ptr %table, {table}\n  br i1 %is{index}, label %found{index}, label %next{index}\nfound{index}:\n  ret ptr {target}\nnext{index}:\n");
            index++;
        }

        return text.Append($"  call void {compilation.ThrowHelper("ThrowNotSupportedException")}()\n  unreachable\n}}\n\n").ToString();
    }
}
