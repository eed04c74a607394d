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

    // What holds for every function, in the group #0. A null access is a fault and not undefined behaviour; unwinding works from each instruction.
    private const string Attributes = "attributes #0 = { null_pointer_is_valid uwtable";

    // An interrupt overwrites what lies below the stack pointer, and a frame of several pages must not step over the guard page.
    private const string KernelAttributes = " noredzone \"probe-stack\"=\"inline-asm\"";

    /// <summary>Where variables and objects of the program stand that may refer to the heap: the collector looks through the section word by word.</summary>
    public const string RootSection = ", section \"asterion_roots\"";

    private readonly List<string> _declarations = [];
    private readonly List<string> _data = [];
    private readonly List<string> _functions = [];

    /// <summary>Whether the module is a kernel's.</summary>
    public bool IsKernel { get; set; }

    public void AddDeclaration(string text) => _declarations.Add(text);

    public void AddData(string text) => _data.Add(text);

    public void AddFunction(string text) => _functions.Add(text);

    public void Write(TextWriter output)
    {
        output.Write($"target datalayout = \"{target.DataLayout}\"\ntarget triple = \"{target.Triple}\"\n\n");
        output.Write($"{Header}\n{Attributes}{(IsKernel ? KernelAttributes : "")} }}\n\n");
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
