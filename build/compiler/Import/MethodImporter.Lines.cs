// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>The source lines of the method's instructions.</summary>
internal sealed partial class MethodImporter
{
    private IReadOnlyList<SourceLine> _lines = [];
    private int[] _locations = [];
    private int _function;

    private string FunctionLocation => _function == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" !dbg !{_function}");

    private void BeginLines()
    {
        if (_compilation.Debug is not { } debug)
        {
            return;
        }

        _lines = _method.Definition.Owner.Module.Lines.Of(_method.Definition.Handle);
        if (_lines.Count == 0)
        {
            return;
        }

        _locations = new int[_lines.Count];
        _function = debug.Function(_method.ToString(), _lines[0].File, _lines[0].Line);
        SetLocation(0);
    }

    // What stands before the first line belongs to it.
    private void SetLocation(int offset)
    {
        if (_function == 0)
        {
            return;
        }

        int index = 0;
        while (index + 1 < _lines.Count && _lines[index + 1].Offset <= offset)
        {
            index++;
        }

        if (_locations[index] == 0)
        {
            _locations[index] = _compilation.Debug!.Location(_function, _lines[0].File, _lines[index].File, _lines[index].Line);
        }

        _writer.Location = _locations[index];
    }
}
