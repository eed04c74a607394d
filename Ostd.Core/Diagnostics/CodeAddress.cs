// SPDX-License-Identifier: MPL-2.0
using Ostd.Logging;
using Ostd.Runtime;

namespace Ostd.Diagnostics;

/// <summary>The text of one line of a backtrace.</summary>
// SAFETY: the buffer has the length that SymbolTable asks for and is used during the call alone.
internal static unsafe class CodeAddress
{
    /// <summary>Room for the longest line.</summary>
    public const int LongestLine = SymbolTable.LongestDescription + 32;

    /// <summary>Appends an address and what stands there.</summary>
    /// <param name="text">The line.</param>
    /// <param name="address">The address.</param>
    /// <param name="isReturnAddress">It is where a call returns to, which may be the first byte of the next method: the byte before it is looked up.</param>
    [InterruptSafe]
    public static void Append(ref TextBuffer text, ulong address, bool isReturnAddress)
    {
        byte* name = stackalloc byte[SymbolTable.LongestDescription];
        int length = SymbolTable.Describe((nuint)(isReturnAddress ? address - 1 : address), name);
        text.AppendHex(address);
        text.Append(' ');
        AppendAscii(ref text, name, length);
    }

    /// <summary>Appends the name of an object's type.</summary>
    public static void AppendType(ref TextBuffer text, object o)
    {
        byte* name = stackalloc byte[SymbolTable.LongestDescription];
        AppendAscii(ref text, name, SymbolTable.DescribeType(o, name));
    }

    [InterruptSafe]
    private static void AppendAscii(ref TextBuffer text, byte* bytes, int length)
    {
        for (int i = 0; i < length; i++)
        {
            text.Append((char)bytes[i]);
        }
    }
}
