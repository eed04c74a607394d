// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Ostd.Arch.X64.Stubs.Assembly;
using Ostd.Arch.X64.Stubs.Symbols;

if (args is not (["stubs", "ilc" or "llvm", _] or ["symbols", _, _, _]))
{
    Console.Error.WriteLine("usage: Ostd.Arch.X64.Stubs stubs ilc|llvm OUTPUT.o");
    Console.Error.WriteLine("       Ostd.Arch.X64.Stubs symbols IMAGE.elf OUTPUT.o x64|riscv64|loongarch64");
    return 2;
}

bool isSymbols = args[0] == "symbols";
var o = new StubObject
{
    CodeGenerator = args[1] == "llvm" ? CodeGenerator.Llvm : CodeGenerator.Ilc,
    Machine = !isSymbols ? ElfMachine.X64 : args[3] switch
    {
        "riscv64" => ElfMachine.RiscV,
        "loongarch64" => ElfMachine.LoongArch,
        _ => ElfMachine.X64,
    },
};
if (!isSymbols)
{
    foreach (Type type in typeof(StubModule).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(StubModule)) && !t.IsAbstract).OrderBy(t => t.FullName, StringComparer.Ordinal))
    {
        var module = (StubModule)Activator.CreateInstance(type)!;
        if (module.OnlyFor is null || module.OnlyFor == o.CodeGenerator)
        {
            module.Build(o);
        }
    }
}
else
{
    byte[] image = File.ReadAllBytes(args[1]);
    byte[] lines = LineTableBuilder.Build(DwarfLines.Read(ElfSections.Find(image, ".debug_line")));
    SymbolTableBuilder.Build(ElfSymbols.Read(args[1]), lines, o);
}

string output = args[2];
o.Finish();
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
ElfObjectWriter.Write(o, output);
return 0;
