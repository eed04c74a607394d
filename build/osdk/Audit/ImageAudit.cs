// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Audit;

/// <summary>Proves on the finished image that unsafe power stays in the framework.</summary>
internal sealed class ImageAudit
{
    private readonly string _listFile;
    private readonly StubList _stubs;
    private readonly ExecutableImage _image;
    private readonly SensitiveInstruction[] _found;

    /// <summary>Disassembles an image.</summary>
    /// <param name="elf">The linked image with its symbols.</param>
    /// <param name="arch">Its architecture.</param>
    public ImageAudit(string elf, string arch)
    {
        _listFile = Repository.File("build", "osdk", "Audit", $"stubs-{arch}.txt");
        if (!File.Exists(_listFile))
        {
            throw new OsdkException($"the audit can't disassemble {arch} yet");
        }
        _stubs = StubList.Read(_listFile);
        _image = ExecutableImage.Read(elf);
        _found = [.. PrivilegedInstructions.Find(_image, _stubs)];
    }

    /// <summary>The allowed instructions: a line for each entry of the list of stubs.</summary>
    public IEnumerable<string> Table => _found.Where(_stubs.Allows)
        .GroupBy(i => _stubs.EntryOf(i)!)
        .OrderBy(g => g.Key, StringComparer.Ordinal)
        .Select(g => $"{g.Key,-36} {string.Join(", ", g.GroupBy(i => i.Kind).Select(k => $"{k.Key} {k.Count()}"))}");

    /// <summary>What the image's code does that it must not.</summary>
    public IEnumerable<string> Violations()
    {
        foreach (SensitiveInstruction instruction in _found.Where(i => !_stubs.Allows(i)))
        {
            yield return $"{(instruction.Symbols.Count > 0 ? instruction.Symbols[0] : "?")} (0x{instruction.Address:x}): {instruction.Kind} instruction outside of the listed stubs";
        }
        foreach ((string entry, string[] kinds) in _stubs.Entries)
        {
            foreach (string kind in kinds.Where(kind => !_found.Any(i => i.Kind == kind && _stubs.EntryOf(i) == entry)))
            {
                yield return $"{Path.GetFileName(_listFile)} lists {kind} for {entry}, which has none";
            }
        }
        foreach (Segment segment in _image.Segments.Where(s => s.IsWritable && s.IsExecutable))
        {
            yield return $"the segment at 0x{segment.Address:x} is both writable and executable";
        }
    }

    /// <summary>What a kernel of this project's compiler does with the registers that are the user's.</summary>
    public IEnumerable<string> VectorViolations() => VectorInstructions.Find(_image, _stubs);

    /// <summary>What the safe assemblies of a built image do that they must not.</summary>
    /// <param name="output">The folder of the image.</param>
    public static IEnumerable<string> AssemblyViolations(string output)
    {
        var safe = new SafeAssemblies(Repository.File("build", "BannedSymbols.txt"));
        // What was compiled, by the compiler's own response file.
        string[] responses = [.. ((string[])["kernel.ilc.rsp", "kernel.compiler.rsp"]).Select(name => Path.Combine(output, "obj", name)).Where(File.Exists)];
        return File.ReadLines(responses.Single())
            .Where(line => line.EndsWith(".dll", StringComparison.Ordinal) && Path.GetFileName(line).StartsWith("Kernel.", StringComparison.Ordinal))
            .SelectMany(safe.Violations);
    }
}
