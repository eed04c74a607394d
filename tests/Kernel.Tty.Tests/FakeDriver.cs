// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty.Tests;

/// <summary>A line whose other end is a list, with as much room as the test gives it.</summary>
internal sealed class FakeDriver : ITerminalDriver
{
    private readonly List<byte> _sent = [];

    public int WriteRoom { get; set; } = int.MaxValue;

    public int PendingOutput => 0;

    public int Resumes { get; private set; }

    public int OutputFlushes { get; private set; }

    public bool IsStopped { get; private set; }

    /// <summary>A first open came, and no last close since.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The terminal refuses input.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Speed of the last configuration.</summary>
    public uint Speed { get; private set; }

    /// <summary>Runs within each open.</summary>
    public Action? Opening { get; set; }

    public string Sent
    {
        get
        {
            lock (_sent)
            {
                return Encoding.Latin1.GetString(_sent.ToArray());
            }
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_sent)
        {
            _sent.AddRange(bytes.ToArray());
        }

        WriteRoom -= bytes.Length;
    }

    public void FlushOutput() => OutputFlushes++;

    public void SetOutputStopped(bool isStopped) => IsStopped = isStopped;

    public void PauseInput() => IsPaused = true;

    public void ResumeInput()
    {
        IsPaused = false;
        Resumes++;
    }

    public void FlushInput()
    {
    }

    public void Configure(ref Termios2 modes)
    {
        Speed = modes.OutputSpeed;
        Thread.Yield();
    }

    public Errno OnOpen(bool isFirst)
    {
        Opening?.Invoke();
        IsOpen |= isFirst;
        return Errno.Success;
    }

    public void OnLastClose()
    {
        Thread.Yield();
        IsOpen = false;
    }

    public Errno SendBreak(long durationNs) => Errno.Success;

    public SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument) => Errno.ENOTTY;
}
