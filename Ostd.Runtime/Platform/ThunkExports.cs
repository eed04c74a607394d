// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>
/// Thunks made at run time serve marshalled delegates and dynamic interface casts, which a kernel has none of. The sizes are asked for when CoreLib starts; making
/// one fails, which CoreLib reports as out of memory.
/// </summary>
// SAFETY: no pointer is followed here; addresses are computed with as integers only.
internal static unsafe class ThunkExports
{
    private const int BlockSize = 4096;

    [RuntimeExport("RhpGetThunkBlockSize")]
    private static int GetBlockSize() => BlockSize;

    [RuntimeExport("RhpGetThunkSize")]
    private static int GetThunkSize() => 32;

    [RuntimeExport("RhpGetNumThunksPerBlock")]
    private static int GetThunksPerBlock() => BlockSize / 32;

    [RuntimeExport("RhpGetNumThunkBlocksPerMapping")]
    private static int GetBlocksPerMapping() => 8;

    [RuntimeExport("RhpGetThunkDataBlockAddress")]
    private static nint GetDataBlockAddress(nint stub) => (stub & ~(nint)(BlockSize - 1)) + BlockSize;

    [RuntimeExport("RhpGetThunkStubsBlockAddress")]
    private static nint GetStubsBlockAddress(nint data) => (data & ~(nint)(BlockSize - 1)) - BlockSize;

    [RuntimeExport("RhAllocateThunksMapping")]
    private static nint AllocateMapping() => 0;

    [RuntimeExport("RhGetCommonStubAddress")]
    private static nint GetCommonStubAddress() => 0;

    [RuntimeExport("RhGetCurrentThunkContext")]
    private static nint GetCurrentThunkContext() => 0;
}
