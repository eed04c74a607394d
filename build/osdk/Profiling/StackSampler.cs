// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Threading;

namespace Asterion.Osdk.Profiling;

/// <summary>
/// Stops the machine at intervals and notes where each CPU stands. From outside, because a timer interrupt sees nothing of what runs with interrupts off, and that is just where
/// collections and spinning locks are. The machine's clock stands still meanwhile, so the guest doesn't notice.
/// </summary>
internal sealed class StackSampler(string socketPath, KernelSymbols symbols, int samplesPerSecond)
{
    private const int StackBytes = 8192;
    private const int MostFrames = 64;
    private const ulong KernelSpace = 0xffff_8000_0000_0000;

    private readonly Dictionary<string, int> _stacks = [];
    private volatile bool _isActive;
    private volatile bool _isEnded;

    /// <summary>Folded stacks, <c>outermost;...;innermost</c>, and how often each was seen.</summary>
    public IReadOnlyDictionary<string, int> Stacks => _stacks;

    /// <summary>Whether samples are taken.</summary>
    public bool IsActive
    {
        get => _isActive;
        set => _isActive = value;
    }

    /// <summary>Called when sampling has failed; the machine may stand still then.</summary>
    public Action? Failed { get; set; }

    /// <summary>Why sampling failed, or null.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Ends <see cref="Run"/>.</summary>
    public void End() => _isEnded = true;

    /// <summary>Samples until <see cref="End"/> or until the machine is gone.</summary>
    public void Run()
    {
        try
        {
            using GdbConnection? gdb = Connect();
            if (gdb is null)
            {
                return;
            }
            List<string> cpus = gdb.Cpus();
            // No two samples at the same distance: a load with a rhythm of its own must not fall into step.
            var random = new Random(1);
            gdb.Continue();
            while (!_isEnded)
            {
                Thread.Sleep(TimeSpan.FromSeconds((0.5 + random.NextDouble()) / samplesPerSecond));
                if (!_isActive)
                {
                    continue;
                }
                gdb.Stop();
                foreach (string cpu in cpus)
                {
                    string stack = Sample(gdb, cpu);
                    _stacks[stack] = _stacks.GetValueOrDefault(stack) + 1;
                }
                gdb.Continue();
            }
        }
        catch (SocketException failure)
        {
            // A closed connection is a machine that has powered off, which is how a run ends.
            if (failure.SocketErrorCode is not (SocketError.ConnectionReset or SocketError.Shutdown))
            {
                Trouble = failure.Message;
                Failed?.Invoke();
            }
        }
    }

    private GdbConnection? Connect()
    {
        while (!_isEnded)
        {
            if (File.Exists(socketPath))
            {
                try
                {
                    return new GdbConnection(socketPath);
                }
                catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
                {
                    // The file is there, but QEMU does not listen yet.
                }
            }
            Thread.Sleep(10);
        }
        return null;
    }

    // Frames are found by RBP: the compiler keeps it in nearly every method, and the stubs leave it alone. A leaf without a frame hides its caller.
    private string Sample(GdbConnection gdb, string cpu)
    {
        (ulong frame, ulong stackPointer, ulong instruction, uint selector) = gdb.Registers(cpu);
        if ((selector & 3) != 0)
        {
            return "[user]";
        }
        var frames = new List<string> { symbols.NameOf(instruction) };
        byte[] stack = gdb.Memory(stackPointer, (int)Math.Min(StackBytes, 0x1000 - (stackPointer & 0xfff)));
        ulong start = stackPointer;
        while (frames.Count < MostFrames && frame >= KernelSpace && (frame & 7) == 0 && frame >= stackPointer)
        {
            if (frame < start || frame + 16 > start + (ulong)stack.Length)
            {
                start = frame;
                stack = gdb.Memory(start, (int)Math.Max(16, Math.Min(StackBytes, 0x1000 - (start & 0xfff))));
                if (stack.Length < 16)
                {
                    break;
                }
            }
            ulong next = BitConverter.ToUInt64(stack, (int)(frame - start));
            ulong caller = BitConverter.ToUInt64(stack, (int)(frame - start) + 8);
            if (caller < symbols.Start || caller >= symbols.End)
            {
                break;
            }
            frames.Add(symbols.NameOf(caller - 1));
            if (next <= frame)
            {
                break;
            }
            frame = next;
        }
        frames.Reverse();
        return string.Join(';', frames);
    }
}
