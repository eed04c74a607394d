// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Kernel.Fs.Dentries;
using Kernel.Fs.Devices;
using Kernel.Fs.Files;
using Kernel.Fs.Mounts;
using Kernel.Fs.PageCache;
using Kernel.Fs.Paths;
using Kernel.Fs.Ram;
using NSubstitute;
using Ostd.Memory;

namespace Kernel.Fs.Tests;

/// <summary>A VFS with a tmpfs as its root, and users to act as.</summary>
public sealed class FileSystemFixture
{
    private readonly ITimeKeeper _time = Substitute.For<ITimeKeeper>();
    private readonly IProcess _process = Substitute.For<IProcess>();

    public FileSystemFixture(string rootOptions = "")
    {
        var processes = Substitute.For<IProcessTable>();
        _process.Limits.Returns(new ResourceLimits());
        processes.Processes.Returns([]);
        Dentries = new DentryCache();
        Mounts = new MountTree(Dentries);
        Walker = new PathWalker(Dentries, Mounts);
        Devices = new DeviceRegistry(new Late<CharacterDeviceEntry[]>([]));
        var opener = new FileOpener(Walker, Dentries, Devices, null);
        Files = new VirtualFileSystem(Walker, opener, new AnonymousInodes(_time));
        Names = new DirectoryOperations(Walker, Dentries, new RenameOperation(Walker, Dentries));
        Attributes = new AttributeOperations();
        var numbers = new AnonymousDeviceNumbers();
        Tmpfs = new TmpfsType(numbers, _time, Counters);
        var types = new[] { new FileSystemEntry("tmpfs", false, Tmpfs) };
        MountCalls = new MountOperations(Walker, Mounts, new Late<FileSystemEntry[]>(types), new Late<IProcessTable>(processes));
        Mounts.MountRoot(Tmpfs.Mount("root", rootOptions, null).Value, "root");
        State = new ProcessFileState(Walker);
        Root = As(Credentials.Root);
    }

    internal DentryCache Dentries { get; }

    internal MountTree Mounts { get; }

    internal PathWalker Walker { get; }

    internal DeviceRegistry Devices { get; }

    public PageCounters Counters { get; } = new();

    public VirtualFileSystem Files { get; }

    public DirectoryOperations Names { get; }

    public AttributeOperations Attributes { get; }

    public MountOperations MountCalls { get; }

    public TmpfsType Tmpfs { get; }

    public ProcessFileState State { get; }

    /// <summary>A thread of the superuser.</summary>
    public IThread Root { get; }

    /// <summary>A thread of somebody.</summary>
    public IThread As(Credentials credentials)
    {
        var thread = Substitute.For<IThread>();
        thread.Credentials.Returns(credentials);
        thread.FileSystem.Returns(State.CreateContext());
        thread.Files.Returns(State.CreateTable());
        thread.Process.Returns(_process);
        return thread;
    }

    /// <summary>A thread of a user without capabilities.</summary>
    public IThread AsUser(uint uid, params uint[] groups)
        => As(Credentials.Root with
        {
            RealUid = uid, EffectiveUid = uid, SavedUid = uid, FileSystemUid = uid, RealGid = uid, EffectiveGid = uid, SavedGid = uid, FileSystemGid = uid,
            Groups = groups, PermittedCapabilities = 0, EffectiveCapabilities = 0,
        });

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static FileDescriptor Here => FileDescriptor.CurrentDirectory;

    public Errno MakeDirectory(string path, int mode = 0x1ff) => Names.MakeDirectory(Root, Here, Bytes(path), mode);

    public Errno Write(string path, string text, OpenFlags extra = OpenFlags.O_TRUNC)
    {
        var opened = Files.OpenAt(Root, Here, Bytes(path), OpenFlags.O_WRONLY | OpenFlags.O_CREAT | extra, 0x1b6);
        if (opened.IsError)
        {
            return opened.Error;
        }

        var reader = new VmReader(Bytes(text));
        var result = opened.Value.Write(ref reader);
        opened.Value.Release();
        return result.Error;
    }

    public Result<string> Read(string path)
    {
        var opened = Files.OpenAt(Root, Here, Bytes(path), OpenFlags.O_RDONLY, 0);
        if (opened.IsError)
        {
            return opened.Error;
        }

        var buffer = new byte[65536];
        var writer = new VmWriter(buffer);
        var result = opened.Value.Read(ref writer);
        opened.Value.Release();
        return result.IsOk ? Encoding.UTF8.GetString(buffer, 0, result.Value) : result.Error;
    }

    public Result<InodeAttributes> Stat(string path, bool follow = true)
    {
        var walked = Files.Walk(Root, Bytes(path), follow ? WalkFlags.Follow : WalkFlags.None);
        return walked.IsOk ? walked.Value.Inode.GetAttributes() : walked.Error;
    }

    public List<string> List(string path)
    {
        var directory = Files.OpenAt(Root, Here, Bytes(path), OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0).Value;
        var names = new NameCollector();
        directory.ReadDirectory(names);
        directory.Release();
        return names.Names;
    }

    private sealed class NameCollector : IDirectoryVisitor
    {
        public List<string> Names { get; } = [];

        public bool Visit(ReadOnlySpan<byte> name, ulong inodeNumber, InodeType type, long nextOffset)
        {
            Names.Add(Encoding.UTF8.GetString(name));
            return true;
        }
    }
}
