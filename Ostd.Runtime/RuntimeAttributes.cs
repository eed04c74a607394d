// SPDX-License-Identifier: MPL-2.0

namespace System.Runtime;

/// <summary>
/// Gives a static method a symbol of its own, by which stubs and other assemblies reach it. ilc knows the attribute by its full name;
/// the framework's own is internal.
/// </summary>
/// <param name="entry">The symbol.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RuntimeExportAttribute(string entry) : Attribute
{
    /// <summary>The symbol.</summary>
    public string EntryPoint { get; } = entry;
}

/// <summary>
/// Makes an <c>extern</c> method (also marked <c>MethodImpl(MethodImplOptions.InternalCall)</c>) a direct call to a symbol, without the
/// transition of a P/Invoke. ilc knows the attribute by its full name.
/// </summary>
/// <param name="dllName">Always <c>*</c>: the symbol is linked in.</param>
/// <param name="entry">The symbol.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class RuntimeImportAttribute(string dllName, string entry) : Attribute
{
    /// <summary>Always <c>*</c>.</summary>
    public string DllName { get; } = dllName;

    /// <summary>The symbol.</summary>
    public string EntryPoint { get; } = entry;
}
