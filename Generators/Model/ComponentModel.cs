// SPDX-License-Identifier: MPL-2.0

using System;
using Asterion.Generators.Diagnostics;
using Asterion.Generators.Support;

namespace Asterion.Generators.Model;

/// <summary>How a constructor parameter is satisfied.</summary>
internal enum DependencyKind
{
    /// <summary>Exactly one component offers the contract.</summary>
    Required,

    /// <summary>One component or <see langword="null"/>.</summary>
    Optional,

    /// <summary>An array of all that offer the contract.</summary>
    All,
}

/// <summary>One constructor parameter.</summary>
/// <param name="Name">The parameter's name, for messages.</param>
/// <param name="Contract">The fully qualified contract (the element type for <see cref="DependencyKind.All"/>).</param>
/// <param name="Kind">How it is satisfied.</param>
/// <param name="LateType">The <c>T</c> of <c>Late&lt;T&gt;</c> if it is wrapped in one, and so may be part of a circle; else <see langword="null"/>.</param>
internal sealed record DependencyModel(string Name, string Contract, DependencyKind Kind, string? LateType)
{
    public bool IsLate => LateType is not null;
}

/// <summary>A property that the command line sets.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Property">The property.</param>
/// <param name="Type">Its type as a keyword: <c>string</c>, <c>bool</c>, <c>int</c>, ...</param>
internal sealed record KernelParameterModel(string Name, string Property, string Type);

/// <summary>One of the named capabilities of a component.</summary>
/// <param name="Kind">The attribute without its suffix: <c>FileSystem</c>, <c>PciDriver</c>, ...</param>
/// <param name="Key">What no other component may claim (<see langword="null"/> when several may).</param>
/// <param name="Arguments">C# literals for the registry entry's constructor, before the component itself.</param>
internal sealed record CapabilityModel(string Kind, string? Key, EquatableArray<string> Arguments);

/// <summary>A test method.</summary>
internal sealed record KernelTestModel(string Type, string Method, bool IsStatic) : IComparable<KernelTestModel>
{
    public string DisplayName => $"{Type.Replace("global::", "")}.{Method}";

    public int CompareTo(KernelTestModel other) => string.CompareOrdinal(DisplayName, other.DisplayName);
}

/// <summary>A class built once per CPU.</summary>
internal sealed record PerCpuModel(string Type, bool TakesCpuNumber);

/// <summary>A component as its attributes and its constructor tell.</summary>
internal sealed record ComponentModel(
    string Type,
    string Name,
    int Stage,
    bool IsFallback,
    bool IsOptional,
    bool IsInitializable,
    EquatableArray<string> Offers,
    EquatableArray<DependencyModel> Dependencies,
    EquatableArray<KernelParameterModel> KernelParameters,
    EquatableArray<CapabilityModel> Capabilities,
    EquatableArray<SyscallModel> Syscalls,
    LocationInfo? Location)
{
    public static readonly string[] StageNames = ["Early", "Core", "Late", "Init"];

    public string DisplayName => Type.Replace("global::", "");

    public string StageName => StageNames[Stage];
}
