// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;

namespace Kernel.Virtio.Tests;

/// <summary>A terminal that keeps what comes in, as far as the test gives it room.</summary>
internal sealed class FakeLine : ITerminalLine
{
    private readonly List<byte> _received = [];
    private int _hangUps;
    private int _progress;

    /// <summary>Bytes that it still takes.</summary>
    public int Room { get; set; } = int.MaxValue;

    public WindowSize Size { get; private set; }

    public int HangUps => Volatile.Read(ref _hangUps);

    public int Progress => Volatile.Read(ref _progress);

    public string Received
    {
        get
        {
            lock (_received)
            {
                return Encoding.Latin1.GetString(_received.ToArray());
            }
        }
    }

    public string Name => "hvc0";

    public DeviceNumber Number => new(229, 0);

    public int SessionId => 0;

    public int ForegroundGroupId => 0;

    public Termios2 Modes => default;

    /// <summary>What else happens when something comes in.</summary>
    public Action OnReceive { get; set; } = static () => { };

    public int Receive(ReadOnlySpan<byte> bytes)
    {
        OnReceive();
        lock (_received)
        {
            var count = Math.Min(Room, bytes.Length);
            Room -= count;
            _received.AddRange(bytes[..count].ToArray());
            return count;
        }
    }

    public void ReceiveErroneous(byte character, ReceiveError error)
    {
    }

    public void OnOutputProgress() => Interlocked.Increment(ref _progress);

    public void Resize(WindowSize size) => Size = size;

    public void HangUp() => Interlocked.Increment(ref _hangUps);

    public SyscallResult IoctlFromMaster(in SyscallContext context, uint command, ulong argument) => Errno.ENOTTY;

    public void SignalForeground(Signal signal)
    {
    }

    public void SetSession(int sessionId, int foregroundGroupId)
    {
    }

    public void OnSessionLeaderExit()
    {
    }

    public Result<OpenFile> Open(Inode node, OpenFlags flags, IThread? thread) => Errno.ENXIO;

    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => Errno.ENXIO;
}
