// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Arch.X64.Stubs;

/// <summary>Offsets the stubs share with Ostd.Runtime (which checks them at boot) and with the NativeAOT CoreLib.</summary>
internal static class RuntimeLayout
{
    public const int RuntimeThreadSize = 256;
    public const int RuntimeThreadExInfoHead = 16;

    // MethodTable.
    public const int MethodTableComponentSize = 0;
    public const int MethodTableBaseSize = 4;
    public const int MethodTableHasPointers = 0x0100_0000;
    public const int ObjectHeaderSize = 8;

    // BlockInfo and GreySegment.
    public const int BlockShift = 15;
    public const int BlockInfoSize = 1432;
    public const int BlockInfoKind = 0;
    public const int BlockKindSmall = 1;
    public const int BlockInfoReciprocal = 12;
    public const int BlockInfoState = 64;
    public const int GreySegmentCount = 8;
    public const int GreySegmentEntries = 16;
    public const int GreySegmentCapacity = 510;

    // CpuHeap of Ostd.Runtime: caches { next, limit, cell size } by size class, and the offset of a cache by (size + 7) / 8.
    public const int CpuHeapSize = 1280;
    public const int CpuHeapCacheOffsets = 864;
    public const int CpuHeapGreySegment = 1128;
    public const int CacheNext = 0;
    public const int CacheLimit = 8;
    public const int CacheCellSize = 16;
    public const int LargestCachedSize = 1024;

    // PAL_LIMITED_CONTEXT of CoreLib's AsmOffsets.
    public const int ContextSize = 80;
    public const int ContextIp = 0;
    public const int ContextRsp = 8;
    public const int ContextRbp = 16;
    public const int ContextRax = 24;
    public const int ContextRbx = 32;
    public const int ContextRdx = 40;
    public const int ContextR12 = 48;
    public const int ContextR13 = 56;
    public const int ContextR14 = 64;
    public const int ContextR15 = 72;

    // ExInfo of CoreLib's AsmOffsets.
    public const int ExInfoSize = 416;
    public const int ExInfoPrevious = 0;
    public const int ExInfoContext = 8;
    public const int ExInfoException = 16;
    public const int ExInfoKind = 24;
    public const int ExInfoPassNumber = 25;
    public const int ExInfoCurrentClause = 28;
    public const int ExInfoNotifyDebuggerSp = 408;

    // REGDISPLAY: CoreLib fixes the size and the place of SP; the rest holds values, not pointers (see Exceptions/RegisterDisplay.cs).
    public const int DisplayRbx = 24;
    public const int DisplayRbp = 32;
    public const int DisplayR12 = 88;
    public const int DisplayR13 = 96;
    public const int DisplayR14 = 104;
    public const int DisplayR15 = 112;
    public const int DisplaySp = 120;
}
