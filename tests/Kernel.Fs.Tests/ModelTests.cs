// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Xunit;
using static Kernel.Fs.Tests.FileSystemFixture;

namespace Kernel.Fs.Tests;

/// <summary>The VFS over tmpfs against a tree of dictionaries that knows nothing of caches, locks and pages.</summary>
public class ModelTests
{
    private static readonly string[] s_names = ["a", "b", "c"];

    [Property(MaxTest = 100)]
    public void AnySequenceOfCalls_AgreesWithTheModel(int seed)
    {
        var random = new Random(seed);
        var fs = new FileSystemFixture();
        fs.Dentries.Capacity = 8;
        var model = new ModelDirectory();
        for (var step = 0; step < 150; step++)
        {
            var first = RandomPath(random);
            var second = RandomPath(random);
            var (actual, expected, what) = Step(random, fs, model, first, second, step);
            Assert.True(expected == actual, $"seed {seed}, step {step}: {what} {string.Join('/', first)} {string.Join('/', second)}: {actual}, the model says {expected}");
        }

        CompareTrees(fs, model, "");
    }

    private static (Errno Actual, Errno Expected, string What) Step(Random random, FileSystemFixture fs, ModelDirectory model, string[] first, string[] second, int step)
    {
        var path = "/" + string.Join('/', first);
        var other = "/" + string.Join('/', second);
        switch (random.Next(8))
        {
            case 0 or 1:
                return (fs.MakeDirectory(path), model.Add(first, new ModelDirectory()), "mkdir");
            case 2 or 3:
                return (fs.Write(path, "step " + step), model.Write(first, "step " + step), "write");
            case 4:
                return (fs.Names.Unlink(fs.Root, Here, Bytes(path)), model.Unlink(first), "unlink");
            case 5:
                return (fs.Names.RemoveDirectory(fs.Root, Here, Bytes(path)), model.RemoveDirectory(first), "rmdir");
            case 6:
                return (fs.Names.Link(fs.Root, Here, Bytes(path), Here, Bytes(other), WalkFlags.None), model.Link(first, second), "link");
            default:
                var flags = (RenameFlags)random.Next(3);
                return (fs.Names.Rename(fs.Root, Here, Bytes(path), Here, Bytes(other), flags), model.Rename(first, second, flags), "rename " + flags);
        }
    }

    private static void CompareTrees(FileSystemFixture fs, ModelDirectory model, string path)
    {
        Assert.Equal(model.Entries.Keys.Order(), fs.List(path + "/").Except([".", ".."]).Order());
        var attributes = fs.Stat(path + "/").Value;
        Assert.Equal(2 + model.Entries.Values.Count(entry => entry is ModelDirectory), (int)attributes.LinkCount);
        Assert.Equal(20 * model.Entries.Count, attributes.SizeBytes);
        foreach (var (name, entry) in model.Entries)
        {
            if (entry is ModelDirectory directory)
            {
                CompareTrees(fs, directory, path + "/" + name);
            }
            else
            {
                var file = (ModelFile)entry;
                Assert.Equal(file.Text, fs.Read(path + "/" + name).Value);
                Assert.Equal(file.Links, (int)fs.Stat(path + "/" + name).Value.LinkCount);
            }
        }
    }

    private static string[] RandomPath(Random random) => [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => s_names[random.Next(s_names.Length)])];

    private sealed class ModelFile
    {
        public string Text { get; set; } = "";

        public int Links { get; set; } = 1;
    }

    private sealed class ModelDirectory
    {
        public Dictionary<string, object> Entries { get; } = [];

        public Errno Add(string[] path, object made)
        {
            var error = FindParent(path, out var parent);
            if (error != Errno.Success)
            {
                return error;
            }

            return parent.Entries.TryAdd(path[^1], made) ? Errno.Success : Errno.EEXIST;
        }

        public Errno Write(string[] path, string text)
        {
            var error = FindParent(path, out var parent);
            if (error != Errno.Success)
            {
                return error;
            }

            switch (parent.Entries.GetValueOrDefault(path[^1]))
            {
                case null:
                    parent.Entries.Add(path[^1], new ModelFile { Text = text });
                    return Errno.Success;
                case ModelFile file:
                    file.Text = text;
                    return Errno.Success;
                default:
                    return Errno.EISDIR;
            }
        }

        public Errno Unlink(string[] path)
        {
            var error = FindParent(path, out var parent);
            if (error != Errno.Success)
            {
                return error;
            }

            switch (parent.Entries.GetValueOrDefault(path[^1]))
            {
                case null:
                    return Errno.ENOENT;
                case ModelFile file:
                    file.Links--;
                    parent.Entries.Remove(path[^1]);
                    return Errno.Success;
                default:
                    return Errno.EISDIR;
            }
        }

        public Errno RemoveDirectory(string[] path)
        {
            var error = FindParent(path, out var parent);
            if (error != Errno.Success)
            {
                return error;
            }

            switch (parent.Entries.GetValueOrDefault(path[^1]))
            {
                case null:
                    return Errno.ENOENT;
                case ModelDirectory { Entries.Count: 0 }:
                    parent.Entries.Remove(path[^1]);
                    return Errno.Success;
                case ModelDirectory:
                    return Errno.ENOTEMPTY;
                default:
                    return Errno.ENOTDIR;
            }
        }

        public Errno Link(string[] from, string[] to)
        {
            var error = FindParent(from, out var parent);
            if (error != Errno.Success)
            {
                return error;
            }

            if (!parent.Entries.TryGetValue(from[^1], out var source))
            {
                return Errno.ENOENT;
            }

            error = FindParent(to, out var target);
            if (error != Errno.Success)
            {
                return error;
            }

            if (target.Entries.ContainsKey(to[^1]))
            {
                return Errno.EEXIST;
            }

            if (source is not ModelFile file)
            {
                return Errno.EPERM;
            }

            file.Links++;
            target.Entries.Add(to[^1], file);
            return Errno.Success;
        }

        public Errno Rename(string[] from, string[] to, RenameFlags flags)
        {
            var error = FindParent(from, out var oldParent);
            if (error == Errno.Success)
            {
                error = FindParent(to, out var newParent);
                return error == Errno.Success ? Rename(oldParent, from[^1], newParent, to[^1], flags) : error;
            }

            return error;
        }

        private static Errno Rename(ModelDirectory oldParent, string oldName, ModelDirectory newParent, string newName, RenameFlags flags)
        {
            if (!oldParent.Entries.TryGetValue(oldName, out var moved))
            {
                return Errno.ENOENT;
            }

            var target = newParent.Entries.GetValueOrDefault(newName);
            var isExchange = flags == RenameFlags.RENAME_EXCHANGE;
            if (flags == RenameFlags.RENAME_NOREPLACE && target is not null)
            {
                return Errno.EEXIST;
            }

            if (isExchange && target is null)
            {
                return Errno.ENOENT;
            }

            if (moved is ModelDirectory movedDirectory && movedDirectory.Holds(newParent))
            {
                return Errno.EINVAL;
            }

            if (target is ModelDirectory targetDirectory && targetDirectory.Holds(oldParent))
            {
                return isExchange ? Errno.EINVAL : Errno.ENOTEMPTY;
            }

            if (ReferenceEquals(moved, target))
            {
                return Errno.Success;
            }

            if (isExchange)
            {
                oldParent.Entries[oldName] = target!;
                newParent.Entries[newName] = moved;
                return Errno.Success;
            }

            switch (target)
            {
                case ModelDirectory when moved is not ModelDirectory:
                    return Errno.EISDIR;
                case ModelFile when moved is ModelDirectory:
                    return Errno.ENOTDIR;
                case ModelDirectory { Entries.Count: > 0 }:
                    return Errno.ENOTEMPTY;
                case ModelFile file:
                    file.Links--;
                    break;
            }

            oldParent.Entries.Remove(oldName);
            newParent.Entries[newName] = moved;
            return Errno.Success;
        }

        private bool Holds(ModelDirectory other) => ReferenceEquals(this, other) || Entries.Values.OfType<ModelDirectory>().Any(entry => entry.Holds(other));

        private Errno FindParent(string[] path, out ModelDirectory parent)
        {
            parent = this;
            foreach (var name in path[..^1])
            {
                switch (parent.Entries.GetValueOrDefault(name))
                {
                    case null:
                        return Errno.ENOENT;
                    case ModelDirectory next:
                        parent = next;
                        break;
                    default:
                        return Errno.ENOTDIR;
                }
            }

            return Errno.Success;
        }
    }
}
