// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;

namespace Asterion.Generators.Scml;

/// <summary>An argument of a rule, or a field of a struct rule: its name, and the flags that its pattern names (references resolved).</summary>
internal sealed class ScmlArgument(string name, IReadOnlyList<string> flags)
{
    public string Name { get; } = name;

    public IReadOnlyList<string> Flags { get; } = flags;
}

/// <summary>One <c>name(arguments);</c> rule.</summary>
internal sealed class ScmlRule(string syscall, IReadOnlyList<ScmlArgument> arguments)
{
    public string Syscall { get; } = syscall;

    public IReadOnlyList<ScmlArgument> Arguments { get; } = arguments;
}
