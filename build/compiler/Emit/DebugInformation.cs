// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Asterion.Compiler.Emit;

/// <summary>
/// Which source line each instruction comes from, as LLVM's metadata ("Source Level Debugging with LLVM"): a file, a subprogram for each function, a location for each line in it. Nothing is said of
/// variables and types.
/// </summary>
internal sealed class DebugInformation
{
    private const int Unit = 10;
    private const int SignatureOfAll = 11;

    // Version 4 of DWARF is what the reader of line tables takes (Ostd.Arch.X64.Stubs), from either compiler.
    private const string Header = """
        !llvm.module.flags = !{!12, !13}
        !llvm.dbg.cu = !{!10}
        !10 = distinct !DICompileUnit(language: DW_LANG_C99, file: !14, producer: "Asterion.Compiler", isOptimized: true, runtimeVersion: 0, emissionKind: LineTablesOnly)
        !11 = !DISubroutineType(types: !15)
        !12 = !{i32 7, !"Dwarf Version", i32 4}
        !13 = !{i32 2, !"Debug Info Version", i32 3}
        !14 = !DIFile(filename: "kernel", directory: "")
        !15 = !{null}

        """;

    private readonly StringBuilder _nodes = new();
    private readonly Dictionary<string, int> _files = [];
    private int _last = 15;

    /// <summary>A function that has source lines.</summary>
    /// <param name="name">What debuggers call it.</param>
    /// <param name="file">Its source file.</param>
    /// <param name="line">Where it begins.</param>
    /// <returns>Its number, for <c>!dbg</c> and <see cref="Location"/>.</returns>
    public int Function(string name, string file, int line)
    {
        int source = SourceFile(file);
        return Node(string.Create(CultureInfo.InvariantCulture,
            $"distinct !DISubprogram(name: \"{Escape(name)}\", scope: !{source}, file: !{source}, line: {line}, type: !{SignatureOfAll}, scopeLine: {line}, spFlags: DISPFlagLocalToUnit | DISPFlagDefinition | DISPFlagOptimized, unit: !{Unit})"));
    }

    /// <summary>A line of a function; in another file than the function's where an initializer or generated code stands there.</summary>
    public int Location(int function, string functionFile, string file, int line)
    {
        int scope = function;
        if (file != functionFile)
        {
            scope = Node(string.Create(CultureInfo.InvariantCulture, $"!DILexicalBlockFile(scope: !{function}, file: !{SourceFile(file)}, discriminator: 0)"));
        }

        return Node(string.Create(CultureInfo.InvariantCulture, $"!DILocation(line: {line}, column: 0, scope: !{scope})"));
    }

    public void Write(TextWriter output)
    {
        output.Write(Header);
        output.Write(_nodes);
    }

    private int SourceFile(string file)
    {
        if (!_files.TryGetValue(file, out int node))
        {
            _files.Add(file, node = Node($"!DIFile(filename: \"{Escape(file)}\", directory: \"\")"));
        }

        return node;
    }

    private int Node(string text)
    {
        _nodes.Append(CultureInfo.InvariantCulture, $"!{++_last} = ").Append(text).Append('\n');
        return _last;
    }

    private static string Escape(string text) => text.Replace("\\", "\\5C", System.StringComparison.Ordinal).Replace("\"", "\\22", System.StringComparison.Ordinal);
}
