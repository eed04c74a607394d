// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>
/// One concept's worth of machine code. Derive from it in a file of its own; the tool finds every non-abstract module by itself,
/// builds them in the order of their names and puts them into one relocatable object.
/// </summary>
public abstract class StubModule
{
    /// <summary>Emits the module's code and data into <paramref name="o"/>.</summary>
    /// <param name="o">The object under construction.</param>
    public abstract void Build(StubObject o);
}
