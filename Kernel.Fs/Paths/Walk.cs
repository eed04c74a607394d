// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Dentries;

namespace Kernel.Fs.Paths;

/// <summary>What the last component of a path is.</summary>
internal enum LastComponent
{
    /// <summary>A name.</summary>
    Normal,

    /// <summary>There is none: the path is "/" or empty.</summary>
    Root,

    /// <summary>".".</summary>
    Dot,

    /// <summary>"..".</summary>
    DotDot,
}

/// <summary>The state of one walk, on the stack of the caller.</summary>
internal struct Walk(IThread? thread, Credentials credentials, Place root, Place start)
{
    public readonly IThread? Thread = thread;
    public readonly Credentials Credentials = credentials;

    /// <summary>The caller's root directory: ".." stops there, "/" starts there.</summary>
    public readonly Place Root = root;

    /// <summary>Where the walk stands; with a parent walk the directory of the last component.</summary>
    public Place Current = start;

    /// <summary>Symbolic links followed so far (man 7 path_resolution: at most 40).</summary>
    public int LinkCount;

    /// <summary>The last component, for walks that stop before it: copied, because its bytes may have come from a link.</summary>
    public LastComponent LastKind;

    public NameBuffer LastName;

    /// <summary>Slashes follow the last component: it must be, or become, a directory.</summary>
    public bool HasTrailingSlash;
}

/// <summary>Room for one name (NAME_MAX is 255).</summary>
internal struct NameBuffer
{
    public const int MaxLength = 255;

    private Storage _bytes;

    public int Length { get; private set; }

    /// <summary>The name is longer than NAME_MAX: whoever looks it up answers ENAMETOOLONG.</summary>
    public bool IsTooLong { get; private set; }

    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_bytes)[..Length];

    public void Set(scoped ReadOnlySpan<byte> name)
    {
        IsTooLong = name.Length > MaxLength;
        Length = Math.Min(name.Length, MaxLength);
        name[..Length].CopyTo(_bytes);
    }

    [System.Runtime.CompilerServices.InlineArray(MaxLength)]
    private struct Storage
    {
        private byte _first;
    }
}
