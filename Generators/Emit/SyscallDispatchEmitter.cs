// SPDX-License-Identifier: MPL-2.0

using System.Globalization;
using System.Linq;
using System.Collections.Generic;
using Asterion.Generators.Graph;
using Asterion.Generators.Model;
using Asterion.Generators.Support;

namespace Asterion.Generators.Emit;

/// <summary>
/// Emits the dispatch of system calls: a jump table from the architecture's numbers to one method per call, which decodes the registers and
/// calls the handler directly, without delegates or interface calls.
/// </summary>
internal static class SyscallDispatchEmitter
{
    private const string Context = "global::Kernel.Abstractions.Syscalls.SyscallContext";
    private const int InvalidArgument = 22;
    private const int NotImplemented = 38;

    /// <summary>Whether the image has a system call surface at all.</summary>
    public static bool IsNeeded(Image image) => image.Model.HasSyscallContract;

    public static string Emit(Image image)
    {
        var table = SyscallTable.For(image.Model.Architecture);
        var handlers = image.Syscalls.Where(s => table.TryGetNumber(s.Name, out _)).ToDictionary(s => s.Name);
        var components = handlers.Values.Select(s => s.Component).Distinct().OrderBy(c => c, System.StringComparer.Ordinal).ToList();
        var fields = components.ToDictionary(c => c, c => "_" + Camel(image.PropertyNames[c]));

        var writer = new SourceWriter(image.Model.Namespace);
        writer.Summary($"The system calls of this image under the numbers of {image.Model.Architecture}: {handlers.Count} of {table.Entries.Count}.");
        writer.Open("public sealed class SyscallDispatcher : global::Kernel.Abstractions.Syscalls.ISyscallDispatcher");
        foreach (var component in components)
            writer.Line($"private {component} {fields[component]} = null!;");
        writer.Line();
        writer.Open("internal void Bind(KernelComposition composition)");
        foreach (var component in components)
            writer.Line($"{fields[component]} = composition.{image.PropertyNames[component]};");
        writer.Close();

        writer.Line();
        writer.Line("/// <inheritdoc/>");
        writer.Open("public long Dispatch(global::Kernel.Abstractions.Processes.IThread thread)");
        writer.Line($"var context = new {Context}(thread);");
        writer.Line("var registers = context.Registers;");
        writer.Line("// Linux takes the low 32 bits of the register for the number.");
        writer.Open("switch (unchecked((uint)registers.SyscallNumber))");
        foreach (var (number, name) in table.Entries)
        {
            if (handlers.ContainsKey(name))
                writer.Line($"case {number}: return {Pascal(name)}(in context, registers);");
        }

        writer.Line($"default: return -{NotImplemented};");
        writer.Close();
        writer.Close();

        EmitNames(writer, table);
        foreach (var (number, name) in table.Entries)
        {
            if (handlers.TryGetValue(name, out var syscall))
                EmitHandler(writer, number, syscall, fields[syscall.Component]);
        }

        writer.Close();
        return writer.ToString();
    }

    /// <summary>The table as text, for the golden file that makes an ABI change visible.</summary>
    public static string EmitTable(Image image)
    {
        var table = SyscallTable.For(image.Model.Architecture);
        var handlers = image.Syscalls.ToDictionary(s => s.Name);
        var lines = from entry in table.Entries
                    where handlers.ContainsKey(entry.Name)
                    let syscall = handlers[entry.Name]
                    let parameters = string.Join(", ", syscall.Parameters.Select(p => $"{p.Type.Replace("global::", "")} {p.Name}"))
                    select $"{entry.Number.ToString(CultureInfo.InvariantCulture),3} {entry.Name} -> {Image.Handler(syscall)}({parameters})\n";
        return string.Concat(lines);
    }

    private static void EmitNames(SourceWriter writer, SyscallTable table)
    {
        writer.Line();
        writer.Summary("The name of a system call for traces, or null.");
        writer.Open("public static string? NameOf(int number) => number switch");
        foreach (var (number, name) in table.Entries)
            writer.Line($"{number} => \"{name}\",");
        writer.Line("_ => null,");
        writer.Close(";");
    }

    private static void EmitHandler(SourceWriter writer, int number, SyscallModel syscall, string field)
    {
        writer.Line();
        writer.Line($"// {number} {syscall.Name}");
        writer.Open($"private long {Pascal(syscall.Name)}(in {Context} context, global::Ostd.User.UserContext registers)");
        var arguments = new List<string>();
        var register = 0;
        foreach (var parameter in syscall.Parameters)
        {
            if (parameter.Kind == DecodeKind.Context)
            {
                arguments.Add(parameter.IsByReference ? "in context" : "context");
                continue;
            }

            var source = $"registers.GetArgument({register})";
            register++;
            switch (parameter.Kind)
            {
                case DecodeKind.Integer:
                    arguments.Add(parameter.Type == "ulong" ? source : $"unchecked(({parameter.Type}){source})");
                    break;
                case DecodeKind.Enum:
                    arguments.Add($"unchecked(({parameter.Type})({parameter.Underlying}){source})");
                    break;
                case DecodeKind.FromRegister:
                    arguments.Add($"{parameter.Type}.FromRegister({source})");
                    break;
                case DecodeKind.CheckedFlags:
                    var bits = UnsignedKeyword(parameter.Underlying!);
                    writer.Line($"var flags{register} = unchecked(({bits}){source});");
                    writer.Line($"if ((flags{register} & unchecked(({bits})~0x{parameter.Mask:x}UL)) != 0)");
                    writer.Line($"    return -{InvalidArgument};");
                    arguments.Add($"unchecked(({parameter.Type})flags{register})");
                    break;
            }
        }

        var call = $"{field}.{syscall.Method}({string.Join(", ", arguments)})";
        switch (syscall.Encode)
        {
            case EncodeKind.Void:
                writer.Line($"{call};");
                writer.Line("return 0;");
                break;
            case EncodeKind.Integer:
                writer.Line($"return unchecked((long){call});");
                break;
            case EncodeKind.Errno:
                writer.Line($"return -(long){call};");
                break;
            case EncodeKind.Result:
                writer.Line($"var result = {call};");
                writer.Line("return result.IsOk ? unchecked((long)result.Value) : -(long)result.Error;");
                break;
            case EncodeKind.SyscallResult:
                writer.Line($"return {call}.Register;");
                break;
            default:
                writer.Line($"return {call}.ToRegister();");
                break;
        }

        writer.Close();
    }

    private static string UnsignedKeyword(string keyword) => keyword switch
    {
        "sbyte" => "byte",
        "short" => "ushort",
        "int" => "uint",
        "long" => "ulong",
        _ => keyword,
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name.Substring(1);

    private static string Pascal(string name) => "Sys_" + name;
}
