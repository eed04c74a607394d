// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Names of the image's methods and types, for backtraces. The build makes the table from the linked image (SymbolTableBuilder tells the layout). Reading it
/// allocates nothing and works at any time.
/// </summary>
public static unsafe class SymbolTable
{
    private const int GroupSize = 16;

    private const int HeaderWords = 3;

    /// <summary>The longest name with its offset, file and line.</summary>
    public const int LongestDescription = 144 + LineTable.LongestName + 16;

    /// <summary>Writes <c>name+0xoffset (file:line)</c> for an address of the image, the last part only where it is known, or the address itself where no name is known.</summary>
    /// <param name="address">The address. For a return address hand over the address less one: a call may be a method's last instruction.</param>
    /// <param name="buffer">Receives ASCII; at least <see cref="LongestDescription"/> bytes.</param>
    /// <returns>The number of bytes.</returns>
    [InterruptSafe]
    public static int Describe(nuint address, byte* buffer)
    {
        int length = FindName(address, buffer, out uint offset);
        if (length == 0)
        {
            return WriteHex(address, buffer);
        }

        buffer[length++] = (byte)'+';
        length += WriteHex(offset, buffer + length);
        uint* table = ArchRuntime.ImageTable()->SymbolTable;
        if (LineTable.TryFind((byte*)table + table[2], address, out byte* file, out uint line))
        {
            length = AppendLine(file, line, buffer, length);
        }

        return length;
    }

    /// <summary>Writes the name of an object's type.</summary>
    /// <param name="o">The object.</param>
    /// <param name="buffer">Receives ASCII; at least <see cref="LongestDescription"/> bytes.</param>
    /// <returns>The number of bytes.</returns>
    public static int DescribeType(object o, byte* buffer)
    {
        // SAFETY: an object's first word is its method table, and nothing moves.
        nuint type = *(nuint*)Unsafe.As<object, nuint>(ref o);
        int length = FindName(type, buffer, out uint offset);
        const int prefix = 5; // "type "
        if (length <= prefix || offset != 0)
        {
            return WriteHex(type, buffer);
        }

        for (int i = prefix; i < length; i++)
        {
            buffer[i - prefix] = buffer[i];
        }

        return length - prefix;
    }

    [InterruptSafe]
    private static int AppendLine(byte* file, uint line, byte* buffer, int length)
    {
        buffer[length++] = (byte)' ';
        buffer[length++] = (byte)'(';
        int nameLength = *(file - 1);
        for (int i = 0; i < nameLength; i++)
        {
            buffer[length++] = file[i];
        }

        buffer[length++] = (byte)':';
        uint power = 1;
        while (line / power >= 10)
        {
            power *= 10;
        }

        for (; power != 0; power /= 10)
        {
            buffer[length++] = (byte)('0' + line / power % 10);
        }

        buffer[length++] = (byte)')';
        return length;
    }

    [InterruptSafe]
    private static int FindName(nuint address, byte* buffer, out uint offset)
    {
        offset = 0;
        ImageTable* image = ArchRuntime.ImageTable();
        uint* table = image->SymbolTable;
        if (table == null || address < image->KernelStart || address >= image->KernelEnd)
        {
            return 0;
        }

        int count = (int)table[0];
        int groupCount = (int)table[1];
        uint* addresses = table + HeaderWords;
        uint* groups = addresses + count;
        byte* names = (byte*)(groups + groupCount);
        uint target = (uint)address;
        int index = SortedAddresses.LastNotAbove(addresses, count, target);
        if (index < 0)
        {
            return 0;
        }

        offset = target - addresses[index];
        byte* p = names + groups[index / GroupSize];
        int length = 0;
        for (int i = index - index % GroupSize; i <= index; i++)
        {
            int shared = *p++;
            int more = *p++;
            for (int k = 0; k < more; k++)
            {
                buffer[shared + k] = p[k];
            }

            p += more;
            length = shared + more;
        }

        return length;
    }

    [InterruptSafe]
    private static int WriteHex(nuint value, byte* buffer)
    {
        int digits = 1;
        while (digits < 16 && value >> (digits * 4) != 0)
        {
            digits++;
        }

        buffer[0] = (byte)'0';
        buffer[1] = (byte)'x';
        for (int i = 0; i < digits; i++)
        {
            uint digit = (uint)(value >> ((digits - 1 - i) * 4)) & 15;
            buffer[2 + i] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        return digits + 2;
    }
}
