// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Generators.Parsing;

/// <summary>The names by which the attributes are known; the generator never loads them.</summary>
internal static class AttributeNames
{
    public const string Namespace = "Kernel.Abstractions.Composition";
    public const string TestNamespace = "Ostd.Testing";
    public const string Component = "ComponentAttribute";
    public const string Syscall = "SyscallAttribute";
    public const string AllowUndefinedFlags = "AllowUndefinedFlagsAttribute";
    public const string PerCpu = "PerCpuAttribute";
    public const string KernelParameter = "KernelParameterAttribute";
    public const string KernelTest = "KernelTestAttribute";
    public const string Initializable = "IInitializable";
    public const string Late = "Late";
}
