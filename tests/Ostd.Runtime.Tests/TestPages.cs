// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime.Tests;

/// <summary>
/// Pages for the heap out of the boot map of physical memory, 64 MiB from 64 MiB on. What is given back is overwritten, so that a use after it is noticed, and
/// the supply can be cut to test running out.
/// </summary>
internal static unsafe class TestPages
{
    private const ulong RegionBase = 0xffff_8000_0400_0000;
    private const nuint RegionSize = 64 * 1024 * 1024;

    private static long s_available;

    internal static long AvailableBytes
    {
        get => s_available;
        set => s_available = value;
    }

    internal static void Install()
    {
        s_available = 48 * 1024 * 1024;
        PageProvider.Install(unchecked((nuint)RegionBase), RegionSize, 4096, &Commit, &Decommit);
    }

    private static bool Commit(nuint address, nuint sizeBytes)
    {
        if (s_available < (long)sizeBytes)
        {
            return false;
        }

        s_available -= (long)sizeBytes;
        Fill(address, sizeBytes, 0xbaad_f00d_baad_f00d);
        return true;
    }

    private static void Decommit(nuint address, nuint sizeBytes)
    {
        s_available += (long)sizeBytes;
        Fill(address, sizeBytes, 0xdead_dead_dead_dead);
    }

    private static void Fill(nuint address, nuint sizeBytes, ulong pattern)
    {
        for (ulong* word = (ulong*)address; word < (ulong*)(address + sizeBytes); word++)
        {
            *word = pattern;
        }
    }
}
