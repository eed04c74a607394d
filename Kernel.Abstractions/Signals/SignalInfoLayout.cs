// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Kernel.Abstractions.Signals;

/// <summary>The bytes of <c>siginfo_t</c> (asm-generic/siginfo.h of the Linux ABI; 64-bit architectures).</summary>
public static class SignalInfoLayout
{
    /// <summary>Size of <c>siginfo_t</c>, in bytes.</summary>
    public const int SizeBytes = 128;

    /// <summary>Length of a clock tick as user space sees it (sysconf(_SC_CLK_TCK) is 100), in nanoseconds.</summary>
    public const long ClockTickNs = 10_000_000;

    public const int CodeQueue = -1;
    public const int CodeTimer = -2;

    private const int CodeOffset = 8;
    private const int UnionOffset = 16;

    private enum Shape
    {
        Kill,
        Queue,
        Timer,
        Fault,
        Child,
    }

    /// <summary>Writes all 128 bytes.</summary>
    public static void Write(Span<byte> destination, in SignalInfo info)
    {
        destination = destination[..SizeBytes];
        destination.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(destination, (int)info.Signal);
        BinaryPrimitives.WriteInt32LittleEndian(destination[CodeOffset..], info.Code);
        var union = destination[UnionOffset..];
        switch (ShapeOf(info.Signal, info.Code))
        {
            case Shape.Fault:
                BinaryPrimitives.WriteUInt64LittleEndian(union, info.Value);
                break;
            case Shape.Timer:
                BinaryPrimitives.WriteUInt64LittleEndian(union, info.SecondValue);
                BinaryPrimitives.WriteUInt64LittleEndian(union[8..], info.Value);
                break;
            case Shape.Child:
                WriteSender(union, info);
                BinaryPrimitives.WriteInt32LittleEndian(union[8..], (int)info.Value);
                BinaryPrimitives.WriteUInt64LittleEndian(union[16..], (uint)info.SecondValue);
                BinaryPrimitives.WriteUInt64LittleEndian(union[24..], info.SecondValue >> 32);
                break;
            case Shape.Queue:
                WriteSender(union, info);
                BinaryPrimitives.WriteUInt64LittleEndian(union[8..], info.Value);
                break;
            default:
                WriteSender(union, info);
                break;
        }
    }

    /// <summary>Reads what rt_sigqueueinfo(2) gets from user space.</summary>
    public static SignalInfo Read(ReadOnlySpan<byte> source, Signal signal)
    {
        var union = source[UnionOffset..];
        return new SignalInfo(
            signal,
            BinaryPrimitives.ReadInt32LittleEndian(source[CodeOffset..]),
            BinaryPrimitives.ReadInt32LittleEndian(union),
            BinaryPrimitives.ReadUInt32LittleEndian(union[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(union[8..]));
    }

    private static void WriteSender(Span<byte> union, in SignalInfo info)
    {
        BinaryPrimitives.WriteInt32LittleEndian(union, info.SenderPid);
        BinaryPrimitives.WriteUInt32LittleEndian(union[4..], info.SenderUid);
    }

    private static Shape ShapeOf(Signal signal, int code)
    {
        if (code is > SignalInfo.CodeUser and < SignalInfo.CodeKernel)
        {
            return signal switch
            {
                Signal.SIGCHLD => Shape.Child,
                Signal.SIGSEGV or Signal.SIGBUS or Signal.SIGILL or Signal.SIGFPE or Signal.SIGTRAP => Shape.Fault,
                _ => Shape.Queue,
            };
        }

        return code switch
        {
            CodeTimer => Shape.Timer,
            < 0 => Shape.Queue,
            _ => Shape.Kill,
        };
    }
}
