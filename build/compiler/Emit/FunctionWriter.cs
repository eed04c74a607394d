// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Asterion.Compiler.Emit;

/// <summary>The text of one function: its variables, which stand in the entry block, and blocks in the order of IL.</summary>
internal sealed class FunctionWriter
{
    private readonly StringBuilder _variables = new();
    private readonly StringBuilder _prologue = new();
    private readonly SortedDictionary<int, StringBuilder> _blocks = [];
    private readonly List<StringBuilder> _cold = [];
    private StringBuilder _current;
    private int _temporaries;
    private int _labels;
    private string _location = "";

    public FunctionWriter() => _current = _prologue;

    /// <summary>Whether the block being written has ended with a jump.</summary>
    public bool IsTerminated { get; private set; }

    /// <summary>The number of the source location (<see cref="DebugInformation"/>) that instructions get from now on.</summary>
    public int Location
    {
        set => _location = string.Create(CultureInfo.InvariantCulture, $", !dbg !{value}");
    }

    /// <summary>Begins the block of an offset of IL.</summary>
    public void BeginBlock(int offset)
    {
        _current = _blocks[offset] = new StringBuilder();
        IsTerminated = false;
        _current.Append(BlockLabel(offset)).Append(":\n");
    }

    /// <summary>Begins a block that few executions reach; these stand at the end.</summary>
    public void BeginCold(string label)
    {
        _current = new StringBuilder();
        _cold.Add(_current);
        IsTerminated = false;
        _current.Append(label).Append(":\n");
    }

    /// <summary>Goes on with a block after a test in its middle.</summary>
    public void Continue(string label)
    {
        IsTerminated = false;
        _current.Append(label).Append(":\n");
    }

    /// <summary>Where writing stands, to return to it after a cold block.</summary>
    public (StringBuilder Block, bool IsTerminated) Save() => (_current, IsTerminated);

    public void Restore((StringBuilder Block, bool IsTerminated) place) => (_current, IsTerminated) = place;

    public static string BlockLabel(int offset) => string.Create(CultureInfo.InvariantCulture, $"IL_{offset:x4}");

    public string NewLabel(string name) => string.Create(CultureInfo.InvariantCulture, $"{name}.{++_labels}");

    /// <summary>Writes an instruction that gives a value; returns its name.</summary>
    public string Value(string instruction)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"%t{++_temporaries}");
        _current.Append("  ").Append(name).Append(" = ").Append(instruction).Append(_location).Append('\n');
        return name;
    }

    public void Line(string instruction) => _current.Append("  ").Append(instruction).Append(_location).Append('\n');

    /// <summary>Writes the jump that ends a block.</summary>
    public void End(string instruction)
    {
        Line(instruction);
        IsTerminated = true;
    }

    /// <summary>Makes room in the frame; returns its address.</summary>
    public string Variable(string type, string? name = null)
    {
        name ??= string.Create(CultureInfo.InvariantCulture, $"%v{++_temporaries}");
        _variables.Append("  ").Append(name).Append(" = alloca ").Append(type).Append(", align 8\n");
        return name;
    }

    /// <summary>A line between the variables and the first block.</summary>
    public void Prologue(string instruction) => _prologue.Append("  ").Append(instruction).Append(_location).Append('\n');

    /// <summary>A value computed between the variables and the first block.</summary>
    public string PrologueValue(string instruction)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"%t{++_temporaries}");
        Prologue($"{name} = {instruction}");
        return name;
    }

    public string Finish(string header)
    {
        var text = new StringBuilder(header).Append(" {\nentry:\n").Append(_variables).Append(_prologue);
        foreach (StringBuilder block in _blocks.Values)
        {
            text.Append(block);
        }

        foreach (StringBuilder block in _cold)
        {
            text.Append(block);
        }

        return text.Append("}\n\n").ToString();
    }
}
