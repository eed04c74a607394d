// SPDX-License-Identifier: MPL-2.0

using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>
/// One concept's worth of machine code. Derive from it in a file of its own; the tool finds every non-abstract module by itself,
/// builds them in the order of their names and puts them into one relocatable object.
/// </summary>
public abstract class StubModule
{
    /// <summary>The compiler whose programs need the module; null: all do.</summary>
    public virtual CodeGenerator? OnlyFor => null;

    /// <summary>Emits the module's code and data into <paramref name="o"/>.</summary>
    /// <param name="o">The object under construction.</param>
    public abstract void Build(StubObject o);

    /// <summary>Exports a function that returns a symbol's address: how C# gets at what only the stubs and the linker know.</summary>
    /// <param name="o">The object under construction.</param>
    /// <param name="name">The function.</param>
    /// <param name="symbol">The symbol, of this object or another.</param>
    protected static void ExportAddress(StubObject o, string name, string symbol)
    {
        CodeBlock b = o.Code();
        b.Export(name);
        b.Asm.lea(rax, __[b.Symbol(symbol)]);
        b.Asm.ret();
    }
}
