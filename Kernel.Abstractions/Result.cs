// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Kernel.Abstractions;

/// <summary>A value, or the error that stood in its way. Expected errors travel in it; exceptions mean a bug.</summary>
public readonly struct Result<T>
{
    private readonly T _value;

    private Result(T value, Errno error)
    {
        _value = value;
        Error = error;
    }

    /// <summary><see cref="Errno.Success"/>, or what went wrong.</summary>
    public Errno Error { get; }

    /// <summary>True when there is a value.</summary>
    public bool IsOk => Error == Errno.Success;

    /// <summary>True when there is an error.</summary>
    public bool IsError => Error != Errno.Success;

    /// <summary>The value; meaningful only when <see cref="IsOk"/>.</summary>
    public T Value => _value;

    /// <summary>The usual way to consume a result: <c>if (!result.TryGet(out var value, out var error)) return error;</c></summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(out T value, out Errno error)
    {
        value = _value;
        error = Error;
        return error == Errno.Success;
    }

    /// <summary>A result with a value; needed where <typeparamref name="T"/> is an interface, to which C# has no user-defined conversions.</summary>
    public static Result<T> Ok(T value) => new(value, Errno.Success);

    public static implicit operator Result<T>(T value) => new(value, Errno.Success);

    public static implicit operator Result<T>(Errno error) => new(default!, error);
}
