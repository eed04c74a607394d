// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Ostd.Memory;

namespace Kernel.Memory.Tests;

/// <summary>A file's pages: each starts with its index.</summary>
internal sealed class TestObject(long lengthBytes) : IMemoryObject
{
    private readonly Dictionary<long, Frame> _pages = [];

    public long LengthBytes { get; set; } = lengthBytes;

    public long RemovalCount { get; set; }

    /// <summary>Runs once, when the next page is about to be handed out: what other threads do in the middle of a fault.</summary>
    public System.Action? Meanwhile { get; set; }

    public int Mappings { get; private set; }

    public Result<Frame> GetPage(long pageIndex, bool forWrite)
    {
        if (pageIndex << Paging.PageShift >= LengthBytes)
        {
            return Errno.EFAULT;
        }
        if (!_pages.TryGetValue(pageIndex, out Frame frame))
        {
            if (!Frame.TryAllocate(out frame))
            {
                return Errno.ENOMEM;
            }
            frame.Write(0, BitConverter.GetBytes(pageIndex));
            _pages.Add(pageIndex, frame);
        }
        frame.Share();
        System.Action? meanwhile = Meanwhile;
        Meanwhile = null;
        meanwhile?.Invoke();
        return frame;
    }

    /// <summary>Takes a page out, as a hole does.</summary>
    public void Remove(long index)
    {
        _pages.Remove(index, out Frame frame);
        frame.Release();
        RemovalCount++;
    }

    public Frame TryGetCachedPage(long pageIndex) => _pages.TryGetValue(pageIndex, out Frame frame) ? frame.Share() : default;

    public void AddMapping(IMappingOwner owner) => Mappings++;

    public void RemoveMapping(IMappingOwner owner) => Mappings--;

    public Frame Page(long index) => _pages[index];

    /// <summary>Takes a page out, and tells who maps it.</summary>
    public void Punch(long index, IMappingOwner owner)
    {
        _pages.Remove(index, out Frame frame);
        RemovalCount++;
        owner.OnPagesRemoved(this, [index], [frame]);
        frame.Release();
    }

    public void Clear()
    {
        foreach (Frame frame in _pages.Values)
        {
            frame.Release();
        }
        _pages.Clear();
    }
}
