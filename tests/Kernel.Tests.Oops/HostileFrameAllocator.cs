// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Devices;
using Ostd.Memory;

#pragma warning disable OST2009, OST2010, OST2011 // A policy that does what it must not is what is tested here.

namespace Kernel.Tests.Oops;

/// <summary>What a policy for physical memory could answer or do wrongly (docs/soundness.md).</summary>
internal enum FrameLie
{
    /// <summary>Each page twice, one right after the other.</summary>
    Twice,

    /// <summary>A page past the last one.</summary>
    OutOfRange,

    /// <summary>A number whose low half is that of a free page.</summary>
    Wraps,

    /// <summary>A frame that a client holds.</summary>
    InUse,

    /// <summary>Memory that the boot loader reserved.</summary>
    Reserved,

    /// <summary>A run with a page in it that is in use.</summary>
    RunOverUsed,

    /// <summary>A run whose last page does not exist.</summary>
    RunOutOfRange,

    /// <summary>A run that is free but does not begin where it has to.</summary>
    Unaligned,

    /// <summary>An exception, made beforehand.</summary>
    Throws,

    /// <summary>An exception when a page is given back.</summary>
    ThrowsOnFree,

    /// <summary>An exception when it is asked for a run.</summary>
    RunThrows,

    /// <summary>It makes an object.</summary>
    Allocates,

    /// <summary>It makes an object when the heap of objects grows.</summary>
    AllocatesForTheHeap,

    /// <summary>It collects.</summary>
    Collects,

    /// <summary>It allocates a frame.</summary>
    Reenters,

    /// <summary>It gives a frame back.</summary>
    ReleasesFrame,

    /// <summary>It lets another task run.</summary>
    Sleeps,
}

/// <summary>A policy, next fit over a map of all pages, that tells one lie when it is told to.</summary>
internal sealed class HostileFrameAllocator(FrameLie lie) : FrameAllocatorPolicy
{
    private const int RunBytes = 4 * 4096;

    // More single pages than OSTD keeps in front of a policy.
    private const int ManyPages = 1000;

    private readonly bool[] _isFree = new bool[FrameAllocation.PageNumberLimit];
    private readonly InvalidOperationException _prepared = new("a policy's mistake");
    private object? _made;
    private Frame _held;
    private int _cursor;
    private int _last;
    private bool _isRepeating;
    private int _isLying;

    /// <summary>Installs it, and makes it lie at the next chance.</summary>
    public static void Provoke(FrameLie lie)
    {
        var policy = new HostileFrameAllocator(lie);
        if (!Frame.TryAllocate(out policy._held))
            return;

        FrameAllocation.Install(policy);
        var pages = new Frame[ManyPages];
        if (lie == FrameLie.ThrowsOnFree && !TryAllocate(pages))
            return;

        Volatile.Write(ref policy._isLying, 1);
        switch (lie)
        {
            case FrameLie.RunOverUsed or FrameLie.RunOutOfRange or FrameLie.Unaligned or FrameLie.RunThrows:
                _ = DmaCoherent.TryAllocate(RunBytes, out _);
                break;
            case FrameLie.ThrowsOnFree:
                foreach (var page in pages)
                    page.Release();
                break;
            case FrameLie.AllocatesForTheHeap:
                policy._made = new byte[1 << 20];
                break;
            default:
                _ = TryAllocate(pages);
                break;
        }
    }

    /// <inheritdoc/>
    public override void AddMemory(ulong firstPage, long pageCount) => _isFree.AsSpan((int)firstPage, (int)pageCount).Fill(true);

    /// <inheritdoc/>
    public override void Free(ulong firstPage, int pageCount)
    {
        if (IsLying(FrameLie.ThrowsOnFree))
            throw _prepared;

        _isFree.AsSpan((int)firstPage, pageCount).Fill(true);
    }

    /// <inheritdoc/>
    public override ulong Allocate(int pageCount, int alignment)
    {
        if (Volatile.Read(ref _isLying) == 0)
            return (ulong)Choose(pageCount, alignment);

        switch (lie)
        {
            case FrameLie.Twice when _isRepeating:
                _isRepeating = false;
                return (ulong)_last;
            case FrameLie.Twice:
                _isRepeating = true;
                break;
            case FrameLie.OutOfRange:
                return (ulong)FrameAllocation.PageNumberLimit;
            case FrameLie.Wraps:
                return (1ul << 32) + (ulong)Choose(pageCount, alignment);
            case FrameLie.InUse:
                return _held.PageNumber;
            case FrameLie.Reserved:
                return 1;
            case FrameLie.RunOverUsed when pageCount > 1:
                return (ulong)ChooseBefore((int)_held.PageNumber, pageCount);
            case FrameLie.RunOutOfRange when pageCount > 1:
                return (ulong)(FrameAllocation.PageNumberLimit & ~(long)(alignment - 1));
            case FrameLie.Unaligned when pageCount > 1:
                return (ulong)Choose(pageCount * 2, alignment) + 1;
            case FrameLie.Throws:
            case FrameLie.RunThrows when pageCount > 1:
                throw _prepared;
            case FrameLie.Allocates or FrameLie.AllocatesForTheHeap:
                _made = new byte[24];
                break;
            case FrameLie.Collects:
                CollectedHeap.Collect();
                break;
            case FrameLie.Reenters:
                _ = Frame.TryAllocate(out _);
                break;
            case FrameLie.ReleasesFrame:
                _held.Release();
                break;
            case FrameLie.Sleeps:
                Ostd.Tasks.Task.Yield();
                break;
        }

        return (ulong)Choose(pageCount, alignment);
    }

    private static bool TryAllocate(Frame[] pages)
    {
        foreach (ref var page in pages.AsSpan())
        {
            if (!Frame.TryAllocate(out page))
                return false;
        }

        return true;
    }

    private int Choose(int pageCount, int alignment)
    {
        for (var tries = 0; tries < 2; tries++)
        {
            for (var page = (_cursor + alignment - 1) & -alignment; page + pageCount <= _isFree.Length; page += alignment)
            {
                if (_isFree.AsSpan(page, pageCount).IndexOf(false) < 0)
                {
                    _isFree.AsSpan(page, pageCount).Clear();
                    _cursor = page + pageCount;
                    _last = page;
                    return page;
                }
            }

            _cursor = 0;
        }

        return 0;
    }

    // The aligned run in which a page lies.
    private static int ChooseBefore(int page, int pageCount) => page & -pageCount;

    private bool IsLying(FrameLie what) => lie == what && Volatile.Read(ref _isLying) != 0;
}
