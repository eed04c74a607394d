// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Sockets;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>Ancillary data in the form of man 3 cmsg: a header of 16 bytes (length, level, type), data, padding to 8 bytes.</summary>
internal static class ControlMessages
{
    private const int HeaderBytes = 16;
    private const int SOL_SOCKET = 1;
    private const int SCM_RIGHTS = 1;
    private const int SCM_CREDENTIALS = 2;

    /// <summary>SCM_MAX_FD of Linux.</summary>
    private const int MaximumFiles = 253;

    /// <summary>More than the largest legal set of messages takes.</summary>
    private const int MaximumBytes = 4096;

    /// <summary>Reads what sendmsg got; null when there is nothing. Files carry a reference each.</summary>
    public static Errno Read(SyscallContext context, ulong address, ulong length, out AncillaryData? ancillary)
    {
        ancillary = null;
        if (address == 0 || length == 0)
        {
            return Errno.Success;
        }

        if (length > MaximumBytes)
        {
            return Errno.ENOBUFS;
        }

        var bytes = new byte[(int)length];
        var reader = VmReader.FromUser(address, bytes.Length);
        if (reader.Read(bytes) < bytes.Length)
        {
            return Errno.EFAULT;
        }

        var data = new AncillaryData();
        var error = Errno.Success;
        for (var offset = 0; offset + HeaderBytes <= bytes.Length && error == Errno.Success;)
        {
            var messageLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
            if (messageLength < HeaderBytes || messageLength > (ulong)(bytes.Length - offset))
            {
                error = Errno.EINVAL;
                break;
            }

            var level = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset + 8));
            var type = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(offset + 12));
            var payload = bytes.AsSpan(offset + HeaderBytes, (int)messageLength - HeaderBytes);
            if (level == SOL_SOCKET)
            {
                error = type switch
                {
                    SCM_RIGHTS => TakeFiles(context, payload, data),
                    SCM_CREDENTIALS => TakeCredentials(context, payload, data),
                    _ => Errno.EINVAL,
                };
            }

            offset += ((int)messageLength + 7) & ~7;
        }

        if (error != Errno.Success)
        {
            data.Discard();
            return error;
        }

        ancillary = data.Files.Length > 0 || data.Credentials is not null ? data : null;
        return Errno.Success;
    }

    /// <summary>Hands ancillary data to recvmsg's caller: installs the files that fit, drops the others.</summary>
    /// <returns>Bytes of control data written.</returns>
    public static ulong Write(SyscallContext context, AncillaryData ancillary, bool wantsCredentials, ulong address, ulong capacity, bool closeOnExec, out bool isCut)
    {
        isCut = false;
        var used = 0UL;
        if (wantsCredentials && ancillary.Credentials is { } credentials)
        {
            Span<byte> payload = stackalloc byte[12];
            BinaryPrimitives.WriteInt32LittleEndian(payload, credentials.Pid);
            BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], credentials.Uid);
            BinaryPrimitives.WriteUInt32LittleEndian(payload[8..], credentials.Gid);
            isCut |= !Put(address, capacity, ref used, SCM_CREDENTIALS, payload);
        }

        if (ancillary.Files.Length > 0)
        {
            var room = capacity < used + HeaderBytes ? 0 : (int)Math.Min((capacity - used - HeaderBytes) / 4, MaximumFiles);
            Span<byte> payload = stackalloc byte[4 * Math.Min(room, ancillary.Files.Length)];
            var installed = 0;
            while (installed * 4 < payload.Length
                && context.Thread.Files.Allocate(ancillary.Files[installed], closeOnExec, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles)).TryGet(out var descriptor, out _))
            {
                BinaryPrimitives.WriteInt32LittleEndian(payload[(installed * 4)..], descriptor);
                installed++;
            }

            isCut |= installed < ancillary.Files.Length;
            var rest = ancillary.Files.AsSpan(installed).ToArray();
            if (installed > 0)
            {
                isCut |= !Put(address, capacity, ref used, SCM_RIGHTS, payload[..(installed * 4)]);
            }

            ancillary.Files = rest;
        }

        // What the caller had no room for is closed, as Linux does.
        ancillary.Discard();
        return used;
    }

    private static Errno TakeFiles(SyscallContext context, ReadOnlySpan<byte> payload, AncillaryData data)
    {
        var count = payload.Length / 4;
        if (data.Files.Length + count > MaximumFiles)
        {
            return Errno.EINVAL;
        }

        var files = new OpenFile[data.Files.Length + count];
        data.Files.CopyTo(files, 0);
        for (var i = 0; i < count; i++)
        {
            if (context.Thread.Files.Get(BinaryPrimitives.ReadInt32LittleEndian(payload[(i * 4)..])) is not { } file)
            {
                for (var taken = data.Files.Length; taken < data.Files.Length + i; taken++)
                {
                    files[taken].Release();
                }

                return Errno.EBADF;
            }

            files[data.Files.Length + i] = file;
        }

        data.Files = files;
        return Errno.Success;
    }

    /// <summary>A process may name itself only, unless privileged (man 7 unix).</summary>
    private static Errno TakeCredentials(SyscallContext context, ReadOnlySpan<byte> payload, AncillaryData data)
    {
        if (payload.Length < 12)
        {
            return Errno.EINVAL;
        }

        var claimed = new PeerCredentials(
            BinaryPrimitives.ReadInt32LittleEndian(payload),
            BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(payload[8..]));
        var own = context.Thread.Credentials;
        var isHonest = (claimed.Pid == context.Process.Pid || own.HasCapability(Capability.CAP_SYS_ADMIN))
            && (claimed.Uid == own.RealUid || claimed.Uid == own.EffectiveUid || claimed.Uid == own.SavedUid || own.HasCapability(Capability.CAP_SETUID))
            && (claimed.Gid == own.RealGid || claimed.Gid == own.EffectiveGid || claimed.Gid == own.SavedGid || own.HasCapability(Capability.CAP_SETGID));
        data.Credentials = claimed;
        return isHonest ? Errno.Success : Errno.EPERM;
    }

    private static bool Put(ulong address, ulong capacity, ref ulong used, int type, ReadOnlySpan<byte> payload)
    {
        var length = (ulong)(HeaderBytes + payload.Length);
        if (address == 0 || capacity < used + length)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(header, length);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], SOL_SOCKET);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], type);
        var writer = VmWriter.FromUser(address + used, (int)length);
        if (writer.Write(header) < HeaderBytes || writer.Write(payload) < payload.Length)
        {
            return false;
        }

        used = Math.Min(capacity, used + ((length + 7) & ~7UL));
        return true;
    }
}
