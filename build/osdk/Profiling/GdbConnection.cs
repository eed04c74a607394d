// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Asterion.Osdk.Profiling;

/// <summary>QEMU's debugging port, as far as a profiler needs it (GDB manual, appendix E "Remote Serial Protocol"): stop, read registers and memory, go on.</summary>
internal sealed class GdbConnection : IDisposable
{
    private const byte Interrupt = 3;
    private const int LongestPacket = 65536;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[LongestPacket];
    private int _start;
    private int _end;

    /// <summary>Connects; QEMU stops the machine. Throws <see cref="SocketException"/> while QEMU does not listen yet.</summary>
    /// <param name="path">The port's socket.</param>
    public GdbConnection(string path)
    {
        _socket.Connect(new UnixDomainSocketEndPoint(path));
        _socket.ReceiveTimeout = 10_000;
    }

    /// <summary>The CPUs, by the protocol's names.</summary>
    public List<string> Cpus()
    {
        var cpus = new List<string>();
        for (string answer = Ask("qfThreadInfo"); answer.StartsWith('m'); answer = Ask("qsThreadInfo"))
        {
            cpus.AddRange(answer[1..].Split(','));
        }
        return cpus;
    }

    /// <summary>Lets all CPUs run.</summary>
    public void Continue() => Send("c");

    /// <summary>Stops all CPUs.</summary>
    public void Stop()
    {
        _socket.Send([Interrupt]);
        while (!IsStopReason(Receive()))
        {
        }
    }

    /// <summary>Registers of a CPU that stands still: RBP, RSP, RIP and CS.</summary>
    public (ulong Rbp, ulong Rsp, ulong Rip, uint Cs) Registers(string cpu)
    {
        _ = Ask("Hg" + cpu);
        // rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8 to r15, rip (8 bytes each), eflags, cs (4 bytes each).
        byte[] bytes = Convert.FromHexString(Ask("g").AsSpan(0, (17 * 8 + 2 * 4) * 2));
        return (BitConverter.ToUInt64(bytes, 6 * 8), BitConverter.ToUInt64(bytes, 7 * 8), BitConverter.ToUInt64(bytes, 16 * 8), BitConverter.ToUInt32(bytes, 17 * 8 + 4));
    }

    /// <summary>Memory as the CPU that was asked last sees it; empty where nothing is mapped.</summary>
    public byte[] Memory(ulong address, int count)
    {
        string answer = Ask(string.Create(CultureInfo.InvariantCulture, $"m{address:x},{count:x}"));
        return answer.StartsWith('E') ? [] : Convert.FromHexString(answer);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private string Ask(string request)
    {
        Send(request);
        string answer = Receive();
        // The connection itself has stopped the machine, which QEMU reports unasked.
        while (IsStopReason(answer))
        {
            answer = Receive();
        }
        return answer;
    }

    private static bool IsStopReason(string packet) => packet.StartsWith('T') || packet.StartsWith('S');

    private void Send(string request)
    {
        byte sum = 0;
        foreach (char c in request)
        {
            sum += (byte)c;
        }
        _socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${request}#{sum:x2}")));
    }

    private string Receive()
    {
        var text = new StringBuilder();
        while (Next() != '$')
        {
            // Acknowledgements of what was sent.
        }
        for (char c = Next(); c != '#'; c = Next())
        {
            text.Append(c);
        }
        _ = Next();
        _ = Next();
        // Without it QEMU would not listen to the interruption.
        _socket.Send("+"u8);
        return text.ToString();
    }

    private char Next()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = _socket.Receive(_buffer);
            if (_end == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }
        }
        return (char)_buffer[_start++];
    }
}
