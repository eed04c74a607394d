// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.IO;
using Asterion.Compiler.Targets;

namespace Asterion.Compiler.Emit;

/// <summary>Collects the module: declarations, data, functions.</summary>
internal sealed class ModuleWriter(Target target)
{
    private const string Header = """
        !0 = !{!"branch_weights", i32 1, i32 100000}
        !1 = !{!"branch_weights", i32 100000, i32 1}

        declare i32 @AsterionPersonality(...)


        """;

    private readonly List<string> _declarations = [];
    private readonly List<string> _data = [];
    private readonly List<string> _functions = [];

    public void AddDeclaration(string text) => _declarations.Add(text);

    public void AddData(string text) => _data.Add(text);

    public void AddFunction(string text) => _functions.Add(text);

    public void Write(TextWriter output)
    {
        output.Write($"target datalayout = \"{target.DataLayout}\"\ntarget triple = \"{target.Triple}\"\n\n");
        output.Write(Header);
        foreach (List<string> part in (List<string>[])[_declarations, _data, _functions])
        {
            foreach (string text in part)
            {
                output.Write(text);
                output.Write('\n');
            }
        }
    }
}
