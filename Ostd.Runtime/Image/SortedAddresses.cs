// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Search in the ascending addresses of a table that the build made.</summary>
internal static unsafe class SortedAddresses
{
    /// <summary>Finds the entry that covers an address: the last that is not above it.</summary>
    /// <param name="addresses">The addresses, ascending.</param>
    /// <param name="count">How many.</param>
    /// <param name="target">What is looked for.</param>
    /// <returns>The entry's index; -1 when all lie above the address.</returns>
    // SAFETY: `count` entries follow `addresses`, as the build wrote both; only indices in 0..count-1 are read.
    [InterruptSafe]
    public static int LastNotAbove(uint* addresses, int count, uint target)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (addresses[middle] <= target)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
