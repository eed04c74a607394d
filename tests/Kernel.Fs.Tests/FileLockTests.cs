// SPDX-License-Identifier: MPL-2.0
using System;
using FsCheck.Xunit;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Locks;
using Xunit;

namespace Kernel.Fs.Tests;

public class FileLockTests
{
    private const int Length = 12;

    private readonly FileSystemFixture _fs = new();
    private readonly FileLocks _locks = new();

    /// <summary>Record locks of three owners against an array that holds for each byte and owner what is locked.</summary>
    [Property(MaxTest = 200)]
    public void RecordLocks_AgreeWithAnArrayOfBytes(int seed)
    {
        var random = new Random(seed);
        var fs = new FileSystemFixture();
        IThread[] owners = [fs.AsUser(1), fs.AsUser(2), fs.AsUser(3)];
        var model = new RecordLockType[owners.Length, Length];
        for (var i = 0; i < owners.Length * Length; i++)
        {
            model[i / Length, i % Length] = RecordLockType.F_UNLCK;
        }

        fs.Write("/f", "x");
        var file = fs.Files.Open(fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        for (var step = 0; step < 100; step++)
        {
            var owner = random.Next(owners.Length);
            var start = random.Next(Length);
            var end = random.Next(start, Length);
            var type = (RecordLockType)random.Next(3);
            var expected = ModelAllows(model, owner, start, end, type);
            var error = _locks.SetRecordLock(owners[owner], file, RecordLockOwner.Process, new RecordLock(type, start, end, owner), wait: false);
            Assert.Equal(expected ? Errno.Success : Errno.EAGAIN, error);
            for (var i = start; expected && i <= end; i++)
            {
                model[owner, i] = type;
            }
        }

        file.Release();
    }

    [Fact]
    public void ClosingAnyDescriptor_GivesUpTheProcessLocks()
    {
        _fs.Write("/f", "x");
        var first = _fs.AsUser(1);
        var file = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        var other = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        var range = new RecordLock(RecordLockType.F_WRLCK, 0, long.MaxValue, 1);
        Assert.Equal(Errno.Success, _locks.SetRecordLock(first, file, RecordLockOwner.Process, range, wait: false));
        Assert.Equal(Errno.EAGAIN, _locks.SetRecordLock(_fs.AsUser(2), file, RecordLockOwner.Process, range, wait: false));
        first.Files.Close(first.Files.Allocate(other, false, 0, 1024).Value, first.Process);
        Assert.Equal(Errno.Success, _locks.SetRecordLock(_fs.AsUser(2), file, RecordLockOwner.Process, range, wait: false));
    }

    [Fact]
    public void Flock_BelongsToTheOpenFile_AndGoesWithIt()
    {
        _fs.Write("/f", "x");
        var first = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        var second = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        Assert.Equal(Errno.Success, _locks.Flock(first, FlockOperation.LOCK_SH, wait: false));
        Assert.Equal(Errno.Success, _locks.Flock(second, FlockOperation.LOCK_SH, wait: false));
        Assert.Equal(Errno.EAGAIN, _locks.Flock(second, FlockOperation.LOCK_EX, wait: false));
        first.Release();
        Assert.Equal(Errno.Success, _locks.Flock(second, FlockOperation.LOCK_EX, wait: false));
        second.Release();
    }

    private static bool ModelAllows(RecordLockType[,] model, int owner, int start, int end, RecordLockType type)
    {
        for (var other = 0; other < model.GetLength(0); other++)
        {
            for (var i = start; i <= end; i++)
            {
                if (other != owner && type != RecordLockType.F_UNLCK && model[other, i] != RecordLockType.F_UNLCK
                    && (type == RecordLockType.F_WRLCK || model[other, i] == RecordLockType.F_WRLCK))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
