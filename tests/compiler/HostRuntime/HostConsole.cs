// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Text to the standard streams, as UTF-8.</summary>
public static unsafe class HostConsole
{
    private const int Output = 1;
    private const int Error = 2;
    private const int BufferSize = 512;

    /// <summary>Writes to standard output.</summary>
    public static void Write(string text) => Write(Output, text);

    /// <summary>Writes to standard error.</summary>
    public static void WriteError(string text) => Write(Error, text);

    // Nothing here allocates or needs a class constructor: it serves when nothing else works.
    private static void Write(int descriptor, string text)
    {
        byte* buffer = stackalloc byte[BufferSize];
        int used = 0;
        for (int i = 0; i < text.Length; i++)
        {
            uint c = text[i];
            if (c is >= 0xd800 and < 0xdc00 && i + 1 < text.Length && text[i + 1] is >= '\udc00' and <= '\udfff')
            {
                c = 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00u);
            }
            else if (c is >= 0xd800 and <= 0xdfff)
            {
                c = 0xfffd;
            }

            if (used + 4 > BufferSize)
            {
                Host.Write(descriptor, buffer, used);
                used = 0;
            }

            if (c < 0x80)
            {
                buffer[used++] = (byte)c;
            }
            else if (c < 0x800)
            {
                buffer[used++] = (byte)(0xc0 | (c >> 6));
                buffer[used++] = (byte)(0x80 | (c & 0x3f));
            }
            else if (c < 0x10000)
            {
                buffer[used++] = (byte)(0xe0 | (c >> 12));
                buffer[used++] = (byte)(0x80 | ((c >> 6) & 0x3f));
                buffer[used++] = (byte)(0x80 | (c & 0x3f));
            }
            else
            {
                buffer[used++] = (byte)(0xf0 | (c >> 18));
                buffer[used++] = (byte)(0x80 | ((c >> 12) & 0x3f));
                buffer[used++] = (byte)(0x80 | ((c >> 6) & 0x3f));
                buffer[used++] = (byte)(0x80 | (c & 0x3f));
            }
        }

        Host.Write(descriptor, buffer, used);
    }
}
