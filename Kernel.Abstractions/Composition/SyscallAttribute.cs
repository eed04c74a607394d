// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// Makes an instance method of a component the handler of a system call. The number comes from the architecture's table;
/// decoding of the typed parameters and the check for undefined flag bits are generated.
/// </summary>
/// <param name="name">The name as in the kernel's table (<c>openat</c>, <c>newfstatat</c>, <c>pread64</c>, ...).</param>
/// <remarks>
/// A parameter may be <c>SyscallContext</c> (passed through, takes no register), an integer, an enum, <c>FileDescriptor</c>, <c>UserPtr&lt;T&gt;</c>,
/// <c>UserBuffer</c>, or any type with a public static <c>FromRegister(ulong)</c> method. A <c>[Flags]</c> enum answers EINVAL for a bit it does not
/// define, unless the parameter has <see cref="AllowUndefinedFlagsAttribute"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class SyscallAttribute(string name) : Attribute
{
    /// <summary>The name as in the kernel's table.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// What is supported, in the System Call Matching Language: one rule per line, <c>openat(dirfd, path, flags = O_RDONLY | O_CREAT, mode);</c>.
    /// Without it the call counts as supported with all of its flags.
    /// </summary>
    public string? Flags { get; init; }
}
