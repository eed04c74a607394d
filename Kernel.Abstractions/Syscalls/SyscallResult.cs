// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Syscalls;

/// <summary>What a system call leaves in the return register: a value, or a negative errno.</summary>
public readonly record struct SyscallResult(long Register)
{
    public static implicit operator SyscallResult(long value) => new(value);

    public static implicit operator SyscallResult(ulong value) => new((long)value);

    public static implicit operator SyscallResult(int value) => new(value);

    public static implicit operator SyscallResult(Errno error) => new(-(long)error);

    public static implicit operator SyscallResult(Result<int> result) => result.IsOk ? new(result.Value) : new(-(long)result.Error);

    public static implicit operator SyscallResult(Result<long> result) => result.IsOk ? new(result.Value) : new(-(long)result.Error);

    public static implicit operator SyscallResult(Result<ulong> result) => result.IsOk ? new((long)result.Value) : new(-(long)result.Error);
}
