// SPDX-License-Identifier: MPL-2.0

using Xunit;

namespace Asterion.Generators.Tests;

public class SyscallTests
{
    private const string Handlers = """
        namespace Kernel.Testing;
        [Flags] public enum ReadFlags : uint { None = 0, Now = 1, Later = 4 }
        public enum Origin { Start, End }
        public readonly struct Own { public static Own FromRegister(ulong value) => default; public long ToRegister() => 0; }
        [Component] public sealed class Calls
        {
            [Syscall("read")] public Result<int> Read(in SyscallContext context, FileDescriptor file, UserAddress buffer, ulong count) => Errno.EBADF;
            [Syscall("lseek")] public Result<long> Seek(SyscallContext context, FileDescriptor file, long offset, Origin origin) => Errno.ESPIPE;
            [Syscall("eventfd2", Flags = "eventfd2(initval, flags = EFD_CLOEXEC | EFD_NONBLOCK);")]
            public SyscallResult EventFd(uint value, ReadFlags flags) => 3;
            [Syscall("openat", Flags = "how = O_CREAT | O_EXCL; openat(dirfd, path = <PATH>, flags = O_RDONLY | <how>, ..);")]
            public SyscallResult Open(in SyscallContext context, FileDescriptor directory, UserPath path, OpenFlags flags, int mode) => Errno.ENOENT;
            [Syscall("sync")] public void Sync() { }
            [Syscall("getpid")] [Syscall("gettid")] public int GetPid(in SyscallContext context) => 1;
            [Syscall("close")] public Errno Close(int descriptor) => Errno.EBADF;
            [Syscall("uname")] public Own Uname(Own own, UserPtr<long> pointer, [AllowUndefinedFlags] ReadFlags flags) => own;
        }
        """;

    [Fact]
    public void Dispatcher_OfEachKindOfParameterAndResult_MatchesSnapshot()
        => Snapshot.Matches("SyscallDispatcher.txt", WithoutNames(ImageHarness.Generate(Handlers)["SyscallDispatcher.g.cs"]));

    [Fact]
    public void Dispatcher_OnRiscV_HasTheGenericNumbers()
    {
        var source = ImageHarness.Generate(Handlers, "riscv64")["SyscallDispatcher.g.cs"];
        Assert.Contains("case 63: return Sys_read(", source);
        Assert.Contains("case 56: return Sys_openat(", source);
    }

    [Fact]
    public void Report_ListsNameNumbersSupportAndFlags()
    {
        var source = ImageHarness.Generate(Handlers)["BuildReports.g.cs"];
        Assert.Contains("| `eventfd2` | 290 | 19 | 19 | yes | flags: `EFD_CLOEXEC` `EFD_NONBLOCK` | `Calls.EventFd` |", source);
        Assert.Contains("| `openat` | 257 | 56 | 56 | yes | flags: `O_RDONLY` `O_CREAT` `O_EXCL` | `Calls.Open` |", source);
        Assert.Contains("| `open` | 2 |  |  | no | | |", source);
        Assert.Contains("| `write` | 1 | 64 | 64 | no | | |", source);
    }

    private static string WithoutNames(string source)
    {
        var start = source.IndexOf("    /// <summary>The name of a system call", System.StringComparison.Ordinal);
        var end = source.IndexOf("    };", start, System.StringComparison.Ordinal);
        return source.Remove(start, end + 7 - start);
    }
}
