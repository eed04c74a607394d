// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Abstractions.Sockets;

/// <summary>SOCK_* (man 2 socket).</summary>
public enum SocketType
{
    SOCK_STREAM = 1,
    SOCK_DGRAM = 2,
    SOCK_RAW = 3,
    SOCK_RDM = 4,
    SOCK_SEQPACKET = 5,
    SOCK_PACKET = 10,
}

/// <summary>MSG_* (man 2 send, recv). Bits beyond these are ignored, as Linux does.</summary>
[Flags]
[Composition.AllowUndefinedFlags]
public enum MessageFlags
{
    None = 0,
    MSG_OOB = 0x1,
    MSG_PEEK = 0x2,
    MSG_DONTROUTE = 0x4,
    MSG_CTRUNC = 0x8,
    MSG_TRUNC = 0x20,
    MSG_DONTWAIT = 0x40,
    MSG_EOR = 0x80,
    MSG_WAITALL = 0x100,
    MSG_NOSIGNAL = 0x4000,
    MSG_MORE = 0x8000,
    MSG_CMSG_CLOEXEC = 0x40000000,
}

/// <summary>SHUT_* (man 2 shutdown).</summary>
public enum ShutdownMode
{
    SHUT_RD = 0,
    SHUT_WR = 1,
    SHUT_RDWR = 2,
}

/// <summary><c>struct ucred</c> (man 7 unix).</summary>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid);
