// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Kernel.Abstractions.Syscalls;

/// <summary>
/// A user address that is said to hold a <typeparamref name="T"/>: an allegation, proven only by the copy. The copies may sleep.
/// </summary>
public readonly record struct UserPtr<T>(ulong Address) where T : unmanaged
{
    public static UserPtr<T> FromRegister(ulong value) => new(value);

    /// <summary>True for the null pointer, which many calls take for "not given".</summary>
    public bool IsNull => Address == 0;

    /// <summary>Copies the value in.</summary>
    /// <returns>EFAULT when it cannot be read.</returns>
    public Result<T> Read() => UserMemory.TryRead<T>(Address, out var value) ? value : Errno.EFAULT;

    /// <summary>Copies a value out.</summary>
    /// <returns>EFAULT when it cannot be written.</returns>
    public Errno Write(in T value) => UserMemory.TryWrite(Address, in value) ? Errno.Success : Errno.EFAULT;

    /// <summary>The element <paramref name="index"/> places further.</summary>
    public UserPtr<T> this[int index] => new(Address + (ulong)((long)index * UserMemory.SizeOf<T>()));
}

/// <summary>A user buffer: an address; the length comes from another argument.</summary>
public readonly record struct UserAddress(ulong Value)
{
    public static UserAddress FromRegister(ulong value) => new(value);

    public bool IsNull => Value == 0;

    /// <summary>A reader over user memory at this address.</summary>
    public VmReader Reader(int length) => VmReader.FromUser(Value, length);

    /// <summary>A writer over user memory at this address.</summary>
    public VmWriter Writer(int length) => VmWriter.FromUser(Value, length);
}

/// <summary>A file descriptor number as a program gave it: the low 32 bits of the register, maybe negative, maybe AT_FDCWD (-100).</summary>
public readonly record struct FileDescriptor(int Number)
{
    /// <summary>The special value of the *at() calls: relative to the working directory.</summary>
    public static readonly FileDescriptor CurrentDirectory = new(-100);

    public static FileDescriptor FromRegister(ulong value) => new((int)value);
}

/// <summary>A pointer to a NUL-terminated path in user memory.</summary>
public readonly record struct UserPath(ulong Address)
{
    /// <summary>PATH_MAX: the longest path with its NUL, in bytes.</summary>
    public const int MaxLength = 4096;

    public static UserPath FromRegister(ulong value) => new(value);

    public bool IsNull => Address == 0;

    /// <summary>Copies the path in. It stays valid in the buffer until the caller reuses it.</summary>
    /// <param name="buffer">At least <see cref="MaxLength"/> bytes: <see cref="Processes.IThread.PathBuffer"/>.</param>
    /// <returns>Its length without the NUL; EFAULT; ENAMETOOLONG.</returns>
    public Result<int> Read(Span<byte> buffer)
    {
        var length = UserMemory.ReadString(Address, buffer[..MaxLength]);
        return length < 0 ? Errno.EFAULT : length >= MaxLength ? Errno.ENAMETOOLONG : length;
    }
}
