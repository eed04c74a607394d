// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Compiler;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Metadata;
using Asterion.Compiler.Targets;

const string Usage = "usage: Asterion.Compiler PROGRAM.dll... [--target x64|riscv64|loongarch64] --runtime RUNTIME.dll [--no-main] [-g] -r:ASSEMBLY.dll... -o OUT.ll [--dump METHOD] [--verbose]";
List<string> references = [];
List<string> programs = [];
string? runtime = null;
bool hasMain = true;
string targetName = Target.All[0].Name;
string? outputPath = null;
List<string> dumped = [];
bool hasLines = false;
bool isVerbose = false;

// A word that begins with @ names a file with one argument a line.
args = [.. args.SelectMany(a => a.StartsWith('@') ? File.ReadAllLines(a[1..]) : [a])];
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case { } reference when reference.StartsWith("-r:", StringComparison.Ordinal):
            references.Add(reference[3..]);
            break;
        case "--runtime":
            runtime = args[++i];
            break;
        case "--target":
            targetName = args[++i];
            break;
        case "-o":
            outputPath = args[++i];
            break;
        case "-g":
            hasLines = true;
            break;
        case "--no-main":
            hasMain = false;
            break;
        case "--verbose":
            isVerbose = true;
            break;
        case "--dump":
            dumped.Add(args[++i]);
            break;
        default:
            programs.Add(args[i]);
            break;
    }
}

if (programs.Count == 0 || runtime is null || outputPath is null)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

try
{
    var system = new TypeSystem([.. programs, runtime, .. references]);
    MethodDesc? main = null;
    if (hasMain)
    {
        ModuleFile module = system.GetModule(Path.GetFileNameWithoutExtension(programs[0]));
        main = module.Reader.TypeDefinitions.Select(module.GetTypeDef).SelectMany(t => t.Methods.Where(m => m.Name == "Main" && m.IsStatic))
            .Select(m => system.GetOpen(m.Owner).GetMethod(m)).FirstOrDefault() ?? throw new CompilationException($"{programs[0]} has no Main");
    }

    IEnumerable<string> exporters = hasMain ? [runtime] : [runtime, .. programs];
    ModuleFile[] exporting = [system.CoreLib, .. exporters.Select(e => system.GetModule(Path.GetFileNameWithoutExtension(e)))];

    // Twice: only the whole program says which virtual calls have one target.
    var survey = new Compilation(Target.Find(targetName), system, exporting);
    survey.Compile(main, TextWriter.Null);
    var compilation = new Compilation(Target.Find(targetName), system, exporting) { World = new ClosedWorld(survey.Constructed), Dumped = dumped, Debug = hasLines ? new DebugInformation() : null };
    using (StreamWriter output = File.CreateText(outputPath))
    {
        compilation.Compile(main, output);
    }

    Console.Error.WriteLine($"{compilation.MethodCount} methods, {compilation.Constructed.All.Count} types with objects, {compilation.Preinitializer.Count} class constructors evaluated");
    if (isVerbose)
    {
        foreach ((DefType type, string reason) in compilation.Preinitializer.Remaining)
        {
            Console.Error.WriteLine($"class constructor of {type} runs lazily: {reason}");
        }
    }

    return 0;
}
catch (CompilationException failure)
{
    Console.Error.WriteLine("error: " + failure.Message);
    return 1;
}
