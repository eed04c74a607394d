// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Asterion.Compiler;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Metadata;
using Asterion.Compiler.Targets;

// Asterion.Compiler PROGRAM.dll [--target NAME] --runtime RUNTIME.dll -r ASSEMBLY.dll... -o OUT.ll [--dump METHOD] [--verbose]
List<string> references = [];
string? program = null;
string? runtime = null;
string targetName = Target.All[0].Name;
string? outputPath = null;
string? dump = null;
bool isVerbose = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "-r":
            references.Add(args[++i]);
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
        case "--verbose":
            isVerbose = true;
            break;
        case "--dump":
            dump = args[++i];
            break;
        default:
            program = args[i];
            break;
    }
}

if (program is null || runtime is null || outputPath is null)
{
    Console.Error.WriteLine("usage: Asterion.Compiler PROGRAM.dll [--target x64|riscv64|loongarch64] --runtime RUNTIME.dll -r ASSEMBLY.dll... -o OUT.ll [--dump METHOD] [--verbose]");
    return 2;
}

try
{
    var system = new TypeSystem([program, runtime, .. references]);
    ModuleFile module = system.GetModule(Path.GetFileNameWithoutExtension(program));
    MethodDesc main = module.Reader.TypeDefinitions.Select(module.GetTypeDef).SelectMany(t => t.Methods.Where(m => m.Name == "Main" && m.IsStatic))
        .Select(m => system.GetOpen(m.Owner).GetMethod(m)).FirstOrDefault() ?? throw new CompilationException($"{program} has no Main");
    var compilation = new Compilation(Target.Find(targetName), system, [system.CoreLib, system.GetModule(Path.GetFileNameWithoutExtension(runtime))]) { Dump = dump };
    using (StreamWriter output = File.CreateText(outputPath))
    {
        compilation.Compile(main, output);
    }

    Console.Error.WriteLine($"{compilation.MethodCount} methods, {compilation.ConstructedTypes.Count()} types with objects, {compilation.Preinitializer.Count} class constructors evaluated");
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
