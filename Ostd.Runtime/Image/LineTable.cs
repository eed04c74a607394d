// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Source lines of the image's code. The build makes the table from the compiler's debug information (LineTableBuilder tells the layout).</summary>
// SAFETY: the table is read-only data of the image, which the build laid out whole: places in it and counts are true, a group has GroupSize rows, and the last a distance at its
// end that no address reaches.
internal static unsafe class LineTable
{
    private const int GroupSize = 64;

    /// <summary>The longest file name.</summary>
    public const int LongestName = 90;

    /// <summary>Finds the line of an address.</summary>
    /// <param name="table">The table.</param>
    /// <param name="address">The address.</param>
    /// <param name="name">ASCII, of the length that the byte before it says.</param>
    /// <param name="line">Number of the line.</param>
    /// <returns>False when the code has no known source.</returns>
    [InterruptSafe]
    public static bool TryFind(byte* table, nuint address, out byte* name, out uint line)
    {
        name = null;
        line = 0;
        int groupCount = *(int*)table;
        uint* addresses = (uint*)(table + 8);
        uint* places = addresses + groupCount;
        uint* files = places + groupCount;
        uint target = (uint)address;
        int group = SortedAddresses.LastNotAbove(addresses, groupCount, target);
        if (group < 0)
        {
            return false;
        }

        byte* p = table + places[group];
        ulong at = addresses[group];
        uint file = (uint)LittleEndianBase128.ReadUnsigned(ref p);
        line = (uint)LittleEndianBase128.ReadUnsigned(ref p);
        for (int i = 1; i < GroupSize; i++)
        {
            ulong next = at + LittleEndianBase128.ReadUnsigned(ref p);
            if (next > target)
            {
                break;
            }

            at = next;
            uint change = (uint)LittleEndianBase128.ReadUnsigned(ref p);
            uint zigzag = change >> 1;
            line += (zigzag >> 1) ^ (uint)-(int)(zigzag & 1);
            if ((change & 1) != 0)
            {
                file = (uint)LittleEndianBase128.ReadUnsigned(ref p);
            }
        }

        if (file == 0)
        {
            return false;
        }

        name = table + files[file - 1] + 1;
        return true;
    }
}
