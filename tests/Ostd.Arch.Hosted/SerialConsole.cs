// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;

namespace Ostd.Arch;

/// <summary>The serial console: a buffer of the last lines.</summary>
public static class SerialConsole
{
    private const int MaxLength = 4096;
    private static readonly StringBuilder s_text = new();

    /// <summary>What was written last.</summary>
    public static string LastLines
    {
        get
        {
            lock (s_text)
            {
                return s_text.ToString();
            }
        }
    }

    /// <summary>Nothing to prepare.</summary>
    public static void Initialize()
    {
    }

    /// <summary>Nobody types.</summary>
    public static bool TryRead(out byte value)
    {
        value = 0;
        return false;
    }

    /// <summary>Writes one byte.</summary>
    public static void Write(byte value) => Write([(char)value]);

    /// <summary>Writes text.</summary>
    public static void Write(ReadOnlySpan<char> text)
    {
        lock (s_text)
        {
            s_text.Append(text);
            if (s_text.Length > MaxLength)
            {
                s_text.Remove(0, s_text.Length - MaxLength);
            }
        }
    }
}
