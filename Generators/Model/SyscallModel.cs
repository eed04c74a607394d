// SPDX-License-Identifier: MPL-2.0

using Asterion.Generators.Support;

namespace Asterion.Generators.Model;

/// <summary>How a handler's parameter is made from a register.</summary>
internal enum DecodeKind
{
    /// <summary>The call's context, which takes no register.</summary>
    Context,

    /// <summary>An integer: the register's low bits.</summary>
    Integer,

    /// <summary>An enum, any value passed through.</summary>
    Enum,

    /// <summary>A flags enum, undefined bits answered with EINVAL.</summary>
    CheckedFlags,

    /// <summary>A type with <c>FromRegister(ulong)</c>.</summary>
    FromRegister,
}

/// <summary>One parameter of a handler.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Type">Its fully qualified type.</param>
/// <param name="Kind">How it is decoded.</param>
/// <param name="Underlying">For enums: the keyword of the underlying type.</param>
/// <param name="Mask">For checked flags: the bits that are defined.</param>
/// <param name="IsByReference">Whether it is an <c>in</c> parameter.</param>
internal sealed record SyscallParameterModel(string Name, string Type, DecodeKind Kind, string? Underlying = null, ulong Mask = 0, bool IsByReference = false);

/// <summary>How a handler's result becomes the register's value.</summary>
internal enum EncodeKind
{
    /// <summary>No result: zero.</summary>
    Void,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>The kernel's error enum: its negative.</summary>
    Errno,

    /// <summary>The kernel's result of an integer: the value, or the negative error.</summary>
    Result,

    /// <summary>The kernel's system call result, which is the register's value.</summary>
    SyscallResult,

    /// <summary>Any other type with <c>ToRegister()</c>.</summary>
    ToRegister,
}

/// <summary>A handler of one system call.</summary>
internal sealed record SyscallModel(
    string Name,
    string Component,
    string Method,
    EquatableArray<SyscallParameterModel> Parameters,
    EncodeKind Encode,
    string? Scml);
