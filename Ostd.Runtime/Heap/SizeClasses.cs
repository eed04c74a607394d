// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Cell sizes of small objects. Up to 128 bytes they grow by 8 or 16, then by about an eighth to a fifth; the largest are chosen so that a block
/// divides into them without much rest.
/// </summary>
internal static class SizeClasses
{
    internal const int Count = 36;
    internal const int LargestCell = 16384;

    [NoAlloc]
    private static ReadOnlySpan<ushort> Cells =>
    [
        24, 32, 40, 48, 56, 64, 72, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 448, 544,
        640, 768, 896, 1024, 1280, 1536, 1816, 2048, 2520, 3272, 4096, 5456, 6552, 8192, 10920, 16384,
    ];

    // Class of a size up to 1024, by (size + 7) / 8.
    [NoAlloc]
    private static ReadOnlySpan<byte> SmallClasses =>
    [
        0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15,
        15, 16, 16, 16, 16, 16, 16, 16, 16, 17, 17, 17, 17, 17, 17, 17, 17, 18, 18, 18, 18, 18, 18, 18, 18, 19, 19, 19, 19, 19, 19, 19,
        19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 20, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21, 21,
        21, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 22, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23, 23,
        23,
    ];

    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint CellSize(int sizeClass) => Cells[sizeClass];

    /// <summary>The class whose cells hold an object of a size; the size is at most <see cref="LargestCell"/>.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int ClassOf(nuint size) => size <= 1024 ? SmallClasses[(int)((size + 7) >> 3)] : ClassOfMedium(size);

    [NoAlloc]
    private static int ClassOfMedium(nuint size)
    {
        int sizeClass = 24;
        while (Cells[sizeClass] < size)
        {
            sizeClass++;
        }

        return sizeClass;
    }
}
