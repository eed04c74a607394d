// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Emit;

/// <summary>CoreLib's numbers of the thunks of a delegate type (Delegate.GetThunk).</summary>
internal enum DelegateThunkKind
{
    Multicast = 0,
    ClosedStatic = 1,
    OpenStatic = 2,
}

/// <summary>The code of delegate types, which has no IL: Invoke, and the thunks between a call and methods that don't take an object first.</summary>
internal static class DelegateThunks
{
    /// <summary>The thunk of a kind for a delegate type.</summary>
    public static string Symbol(Compilation compilation, SymbolNames names, ModuleWriter output, DefType type, DelegateThunkKind kind)
    {
        string symbol = names.Unique($"{kind} thunk of {type}", (type, kind));
        if (compilation.TryAddThunk(symbol))
        {
            output.AddFunction(kind switch
            {
                DelegateThunkKind.Multicast => Multicast(compilation, type, symbol),
                DelegateThunkKind.ClosedStatic => Static(compilation, type, symbol, isClosed: true),
                _ => Static(compilation, type, symbol, isClosed: false),
            });
        }

        return symbol;
    }

    /// <summary>Invoke as a method of its own, for delegates of a delegate's Invoke.</summary>
    public static string Invoke(Compilation compilation, MethodDesc method, string symbol)
    {
        if (method.Name != "Invoke")
        {
            throw new CompilationException($"{method} has no body");
        }

        Signature signature = new(method.Signature);
        return $"define internal {signature.Return} {symbol}({signature.Parameters}) #0 {{\n"
            + $"  {Load("%code", signature.This, Offset(compilation, "_functionPointer"))}\n"
            + $"  {Load("%first", signature.This, Offset(compilation, "_firstParameter"))}\n"
            + $"  {signature.Call("%code", "ptr %first")}\n}}\n\n";
    }

    /// <summary>The override of Delegate.GetThunk that leads to the thunks of a type.</summary>
    public static string GetThunk(Compilation compilation, SymbolNames names, ModuleWriter output, DefType type)
    {
        string symbol = names.Unique($"{type}.GetThunk", (type, "thunks"));
        if (compilation.TryAddThunk(symbol))
        {
            output.AddFunction($"""
                define internal i64 {symbol}(ptr %this, i32 %which) #0 {"{"}
                entry:
                  switch i32 %which, label %none [ i32 0, label %multicast i32 1, label %closed i32 2, label %open ]
                multicast:
                  ret i64 ptrtoint (ptr {compilation.DelegateThunk(type, DelegateThunkKind.Multicast)} to i64)
                closed:
                  ret i64 ptrtoint (ptr {compilation.DelegateThunk(type, DelegateThunkKind.ClosedStatic)} to i64)
                open:
                  ret i64 ptrtoint (ptr {compilation.DelegateThunk(type, DelegateThunkKind.OpenStatic)} to i64)
                none:
                  ret i64 0
                {"}"}

                """);
        }

        return symbol;
    }

    private static string Static(Compilation compilation, DefType type, string symbol, bool isClosed)
    {
        Signature signature = new(type.GetMethod("Invoke").Signature);
        string helper = isClosed ? "  " + Load("%bound", signature.This, Offset(compilation, "_helperObject")) + "\n" : "";
        return $"define internal {signature.Return} {symbol}({signature.Parameters}) #0 {{\n"
            + $"  {Load("%code", signature.This, Offset(compilation, "_extraFunctionPointerOrData"))}\n{helper}"
            + $"  {signature.Call("%code", isClosed ? "ptr %bound" : null)}\n}}\n\n";
    }

    // Calls every delegate of the list; the last one's result counts. A Wrapper of the list holds just the delegate.
    private static string Multicast(Compilation compilation, DefType type, string symbol)
    {
        Signature signature = new(type.GetMethod("Invoke").Signature);
        string call = signature.Return == "void"
            ? $"call void %code({signature.Arguments("ptr %first")})"
            : $"%result = call {signature.Return} %code({signature.Arguments("ptr %first")})";
        string result = signature.Return == "void" ? "ret void" : $"ret {signature.Return} %result";
        return $"""
            define internal {signature.Return} {symbol}({signature.Parameters}) #0 {"{"}
            entry:
              {Load("%list", signature.This, Offset(compilation, "_helperObject"))}
              %count.field = getelementptr i8, ptr {signature.This}, i64 {Offset(compilation, "_extraFunctionPointerOrData")}
              %count = load i64, ptr %count.field
              br label %loop
            loop:
              %index = phi i64 [ 0, %entry ], [ %next, %loop ]
              %offset = mul i64 %index, 8
              %elements = getelementptr i8, ptr %list, i64 16
              %element = getelementptr i8, ptr %elements, i64 %offset
              %delegate = load ptr, ptr %element
              {Load("%code", "%delegate", Offset(compilation, "_functionPointer"))}
              {Load("%first", "%delegate", Offset(compilation, "_firstParameter"))}
              {call}
              %next = add i64 %index, 1
              %more = icmp slt i64 %next, %count
              br i1 %more, label %loop, label %end
            end:
              {result}
            {"}"}

            """;
    }

    private static int Offset(Compilation compilation, string field) =>
        compilation.Layout.OffsetOf(compilation.System.CoreType("System", "Delegate").GetField(field));

    private static string Load(string name, string address, int offset) =>
        $"{name}.field = getelementptr i8, ptr {address}, i64 {offset}\n  {name} = load ptr, ptr {name}.field";

    /// <summary>The text of a signature's parameters, passed on with another first one.</summary>
    private sealed class Signature(MethodSig signature)
    {
        private readonly string[] _types = [.. IrTypes.Arguments(signature)];
        private readonly int _this = IrTypes.ReturnsByAddress(signature) ? 1 : 0;

        public string Return { get; } = IrTypes.Return(signature);

        public string This => $"%p{_this}";

        public string Parameters => string.Join(", ", _types.Select((t, i) => $"{t} %p{i}"));

        public string Arguments(string? first)
        {
            IEnumerable<string> arguments = _types.Select((t, i) => i == _this ? first ?? "" : $"{t} %p{i}");
            return string.Join(", ", arguments.Where(a => a.Length > 0));
        }

        public string Call(string code, string? first) => Return == "void"
            ? $"call void {code}({Arguments(first)})\n  ret void"
            : $"%result = call {Return} {code}({Arguments(first)})\n  ret {Return} %result";
    }
}
