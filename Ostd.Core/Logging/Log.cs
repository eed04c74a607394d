// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Time;

namespace Ostd.Logging;

/// <summary>
/// The kernel's log: a ring buffer, the early console for what passes <see cref="ConsoleLevel"/>, and the sink that the kernel may <see cref="Install"/>. Callable in any context; allocates nothing.
/// </summary>
/// <remarks>
/// A line in the buffer has the shape that Linux's syslog(2) returns: <c>&lt;6&gt;[    1.234567] text</c>. The buffer is guarded by a lock of its own that is held with
/// interrupts off for the length of a copy; the console is written outside of it, so that its slowness delays those alone who write there.
/// </remarks>
// SAFETY: the ring is a fixed buffer in a static, which never moves; every index is taken modulo its capacity.
public static unsafe class Log
{
    private const int Capacity = 128 * 1024;
    private const int MaxPrefix = 40;
    private const int MaxPriority = 4;

    private static Ring s_ring;
    private static long s_written;
    private static Sync.RawSpinLock s_lock;
    private static LogLevel s_consoleLevel = LogLevel.Info;

    /// <summary>Messages at this level and more severe ones go to the console too (Linux's <c>loglevel=</c>, less one).</summary>
    public static LogLevel ConsoleLevel
    {
        get => s_consoleLevel;
        set => s_consoleLevel = value;
    }

    /// <summary>Bytes in the ring buffer.</summary>
    public static int Length => (int)Math.Min(Volatile.Read(ref s_written), Capacity);

    /// <summary>Bytes ever written: a position for <see cref="CopyFrom"/>.</summary>
    public static long Position => Volatile.Read(ref s_written);

    /// <summary>Installs the sink of the kernel's choice in the place of the one before; the first one gets what the ring has kept since boot. Ring and console stay as they are. Not in atomic mode.</summary>
    /// <param name="sink">The sink; null for none. The one before may still be at the record that it has begun.</param>
    /// <remarks>When the ring overtakes a slow sink, the oldest records are lost to it. In a panic nothing is delivered any more (<see cref="Boot.IPanicHandler"/>).</remarks>
    public static void Install(ILogSink? sink) => LogDelivery.Install(sink);

    /// <summary>Writes one message; a line feed is added.</summary>
    [InterruptSafe]
    public static void Write(LogLevel level, string message) => Write(level, message.AsSpan());

    /// <summary>Writes one message; a line feed is added. Characters that are not ASCII become question marks.</summary>
    [InterruptSafe]
    public static void Write(LogLevel level, ReadOnlySpan<char> message)
    {
        Span<char> storage = stackalloc char[MaxPrefix];
        var priority = new TextBuffer(storage[..MaxPriority]);
        priority.Append('<');
        priority.AppendDecimal(LogRecord.PriorityOf(level, LogDelivery.IsCurrent ? LogRecord.SinkFacility : 0));
        priority.Append('>');
        var prefix = new TextBuffer(storage[MaxPriority..]);
        long now = Clock.MonotonicNs;
        prefix.Append('[');
        prefix.AppendDecimal(now / 1_000_000_000, 5);
        prefix.Append('.');
        prefix.AppendDecimal(now / 1_000 % 1_000_000, 6, '0');
        prefix.Append("] ");

        bool wereEnabled = Enter();
        Append(priority.Text);
        Append(prefix.Text);
        Append(message);
        Append('\n');
        Exit(wereEnabled);

        if (level <= s_consoleLevel)
        {
            // Keeps lines of several CPUs apart, and the console's driver away. Not the ring's lock: the console is slow.
            using Devices.ConsoleGuard guard = Devices.ConsoleGuard.Acquire();
            SerialConsole.Write(prefix.Text);
            SerialConsole.Write(message);
            SerialConsole.Write("\n");
        }

        LogDelivery.OnWritten();
    }

    /// <summary>Writes an error: <see cref="LogLevel.Error"/>.</summary>
    public static void Error(string message) => Write(LogLevel.Error, message);

    /// <summary>Writes a warning: <see cref="LogLevel.Warning"/>.</summary>
    public static void Warn(string message) => Write(LogLevel.Warning, message);

    /// <summary>Writes what may interest the administrator: <see cref="LogLevel.Info"/>.</summary>
    public static void Info(string message) => Write(LogLevel.Info, message);

    /// <summary>Writes what interests developers alone: <see cref="LogLevel.Debug"/>.</summary>
    public static void Debug(string message) => Write(LogLevel.Debug, message);

    /// <summary>Copies the ring buffer's newest bytes (for syslog(2) and /dev/kmsg).</summary>
    /// <returns>Bytes copied.</returns>
    public static int CopyRecent(Span<byte> destination)
    {
        bool wereEnabled = Enter();
        int count = Math.Min(destination.Length, Length);
        CopyLocked(s_written - count, destination[..count]);
        Exit(wereEnabled);
        return count;
    }

    /// <summary>The same for a panic, which may have come while the log was written.</summary>
    /// <returns>False when the buffer is locked.</returns>
    internal static bool TryCopyRecent(Span<byte> destination, out int count)
    {
        count = 0;
        if (!s_lock.TryEnterWithInterruptsOff())
        {
            return false;
        }

        count = Math.Min(destination.Length, Length);
        CopyLocked(s_written - count, destination[..count]);
        s_lock.ExitWithInterruptsOff();
        return true;
    }

    /// <summary>Copies bytes from a position on, which moves on. When the buffer has gone past the position, the oldest bytes it has are taken.</summary>
    /// <returns>Bytes copied; 0 when there is nothing newer.</returns>
    public static int CopyFrom(ref long position, Span<byte> destination)
    {
        bool wereEnabled = Enter();
        long start = Math.Clamp(position, s_written - Length, s_written);
        int count = (int)Math.Min(destination.Length, s_written - start);
        CopyLocked(start, destination[..count]);
        Exit(wereEnabled);
        position = start + count;
        return count;
    }

    private static void CopyLocked(long start, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = s_ring.Bytes[(start + i) % Capacity];
        }
    }

    [InterruptSafe]
    private static void Append(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            Append(c);
        }
    }

    [InterruptSafe]
    private static void Append(char c)
    {
        s_ring.Bytes[s_written % Capacity] = c < 0x80 ? (byte)c : (byte)'?';
        s_written++;
    }

    [InterruptSafe]
    private static bool Enter() => s_lock.Enter();

    [InterruptSafe]
    private static void Exit(bool wereEnabled) => s_lock.Exit(wereEnabled);

    private struct Ring
    {
        public fixed byte Bytes[Capacity];
    }
}
