// SPDX-License-Identifier: MPL-2.0

using System;
using System.Text;

namespace Asterion.Osdk.Machine;

/// <summary>Receives what the guest sent over the serial line, taken apart.</summary>
internal interface IGuestObserver
{
    /// <summary>Bytes: of the running step, or of the kernel and init when <paramref name="step"/> is null.</summary>
    void OnOutput(string? step, ReadOnlySpan<byte> bytes);

    /// <summary>A step begins.</summary>
    void OnBegin(string step);

    /// <summary>A step has ended.</summary>
    void OnEnd(string step, int status);

    /// <summary>The step's program does not exist.</summary>
    void OnMissing(string program);
}

/// <summary>
/// Takes the serial line's bytes apart into output and frames. A frame is <c>RS "osdk:" token ":" words "\n"</c>, as <c>/init</c> writes it.
/// Bytes that only begin like a frame are output.
/// </summary>
internal sealed class GuestStream(string token, IGuestObserver observer)
{
    private const byte RecordSeparator = 0x1e;
    private const int LongestFrame = 4096;

    private readonly byte[] _prefix = Encoding.ASCII.GetBytes($"\x1eosdk:{token}:");
    private readonly IGuestObserver _observer = observer;
    private readonly byte[] _pending = new byte[LongestFrame];
    private int _pendingCount;
    private string? _step;

    /// <summary>Takes the next bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_pendingCount == 0)
            {
                int start = bytes.IndexOf(RecordSeparator);
                int plain = start < 0 ? bytes.Length : start;
                Output(bytes[..plain]);
                bytes = bytes[plain..];
                if (bytes.Length == 0)
                {
                    return;
                }
            }
            Pend(bytes[0]);
            bytes = bytes[1..];
        }
    }

    /// <summary>The line has ended: what was held back is output.</summary>
    public void Complete()
    {
        Output(_pending.AsSpan(0, _pendingCount));
        _pendingCount = 0;
    }

    private void Pend(byte value)
    {
        bool isMismatch = _pendingCount < _prefix.Length && value != _prefix[_pendingCount];
        if (isMismatch || _pendingCount == LongestFrame)
        {
            Complete();
            if (value == RecordSeparator)
            {
                _pending[_pendingCount++] = value;
            }
            else
            {
                Output([value]);
            }
            return;
        }
        _pending[_pendingCount++] = value;
        if (value == '\n' && _pendingCount > _prefix.Length)
        {
            string words = Encoding.UTF8.GetString(_pending, _prefix.Length, _pendingCount - 1 - _prefix.Length);
            _pendingCount = 0;
            Frame(words);
        }
    }

    private void Frame(string words)
    {
        int colon = words.IndexOf(':');
        string rest = words[(colon + 1)..];
        switch (words[..Math.Max(colon, 0)])
        {
            case "begin":
                _step = rest;
                _observer.OnBegin(rest);
                break;
            case "end":
                int last = rest.LastIndexOf(':');
                _step = null;
                _observer.OnEnd(rest[..last], int.Parse(rest.AsSpan(last + 1)));
                break;
            case "missing":
                _observer.OnMissing(rest);
                break;
            default:
                throw new OsdkException($"the guest sent an unknown frame: {words}");
        }
    }

    private void Output(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
        {
            _observer.OnOutput(_step, bytes);
        }
    }
}
