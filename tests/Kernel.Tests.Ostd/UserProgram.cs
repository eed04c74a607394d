// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.User;

namespace Kernel.Tests.Ostd;

/// <summary>A machine-code program in an address space of its own.</summary>
internal sealed class UserProgram : IDisposable
{
    public const ulong CodeAddress = 0x40_0000;
    public const ulong DataAddress = 0x50_0000;
    public const ulong UnmappedAddress = 0x70_0000;
    public const ulong StackEnd = 0x60_8000;

    private readonly VmSpace _space;

    public UserProgram(params ReadOnlySpan<byte> code)
    {
        Check.That(VmSpace.TryCreate(out VmSpace? space), "no address space");
        _space = space!;
        Map(CodeAddress, PageProtection.Read | PageProtection.Execute).Write(0, code);
        Map(DataAddress, PageProtection.Read | PageProtection.Write);
        Map(StackEnd - (ulong)Paging.PageSizeBytes, PageProtection.Read | PageProtection.Write);
        Context = new UserContext { InstructionPointer = CodeAddress, StackPointer = StackEnd };
        _space.Activate();
    }

    public UserContext Context { get; }

    public UserReturnReason Run(out UserException exception) => UserMode.Execute(Context, out exception);

    /// <summary>Runs up to the next system call.</summary>
    public void RunToSyscall(ulong expectedNumber)
    {
        UserReturnReason reason = Run(out UserException exception);
        Check.Equal(UserReturnReason.Syscall, reason, "reason, with exception " + exception.Kind + " at " + Context.InstructionPointer);
        Check.Equal(expectedNumber, Context.SyscallNumber, "system call number");
    }

    public UserException RunToException(UserExceptionKind expected)
    {
        UserReturnReason reason = Run(out UserException exception);
        Check.Equal(UserReturnReason.Exception, reason, "reason");
        Check.Equal(expected, exception.Kind, "exception");
        return exception;
    }

    public void Activate() => _space.Activate();

    public void Dispose()
    {
        VmSpace.Deactivate();
        _space.Dispose();
    }

    private Frame Map(ulong address, PageProtection protection)
    {
        Check.That(Frame.TryAllocate(out Frame frame), "no frame");
        using VmCursor cursor = _space.Open(address);
        Check.That(cursor.TryMap(frame, protection), "not mapped");
        return frame;
    }
}
