// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Ostd.Arch.X64.Stubs.Assembly;

if (args.Length != 1)
{
    Console.Error.WriteLine("usage: Ostd.Arch.X64.Stubs OUTPUT.o");
    return 2;
}

var stubs = new StubObject();
foreach (Type type in typeof(StubModule).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(StubModule)) && !t.IsAbstract).OrderBy(t => t.FullName, StringComparer.Ordinal))
{
    ((StubModule)Activator.CreateInstance(type)!).Build(stubs);
}

stubs.Finish();
Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[0]))!);
ElfObjectWriter.Write(stubs, args[0]);
return 0;
