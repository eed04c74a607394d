// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Devices;

/// <summary>The console that needs no driver: the machine's first serial port, polled. Works in every context, and is slow; what one call writes stays together.</summary>
public static class EarlyConsole
{
    /// <summary>Writes bytes as they are.</summary>
    public static void Write(ReadOnlySpan<byte> bytes)
    {
        using ConsoleGuard guard = ConsoleGuard.Acquire();
        foreach (byte value in bytes)
        {
            SerialConsole.Write(value);
        }
    }

    /// <summary>Reads a byte that has come, if there is one. Polled: what comes faster than it is asked for is lost, and what a driver of that port has read does not come here.</summary>
    /// <returns>False when there is none; it does not wait.</returns>
    public static bool TryRead(out byte value)
    {
        using ConsoleGuard guard = ConsoleGuard.Acquire();
        return SerialConsole.TryRead(out value);
    }

    /// <summary>Writes text as Latin-1, with a carriage return before each line feed.</summary>
    public static void Write(ReadOnlySpan<char> text)
    {
        using ConsoleGuard guard = ConsoleGuard.Acquire();
        SerialConsole.Write(text);
    }
}
