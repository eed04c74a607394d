// SPDX-License-Identifier: MPL-2.0

using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Asterion.Generators.Diagnostics;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>One source that fails for each id.</summary>
public class DiagnosticTests
{
    private const string Calls = "namespace Kernel.Testing; [Component] public sealed class Calls { ";

    [Theory]
    [InlineData("OST1001", "namespace K; [Component] public class Clock;")]
    [InlineData("OST1001", "namespace K; [Component] sealed class Clock;")]
    [InlineData("OST1001", "namespace K; [Component] public sealed class Clock<T>;")]
    [InlineData("OST1002", "namespace K; [Component] public sealed class Clock { public Clock() { } public Clock(int value) { _ = value; } }")]
    [InlineData("OST1002", "namespace K; [Component] public sealed class Clock { public Clock(ref int value) { _ = value; } }")]
    [InlineData("OST1007", Calls + "[Syscall(\"opennat\")] public int Open() => 0; }")]
    [InlineData("OST1009", Calls + "[Syscall(\"write\")] public int Write(string text) => text.Length; }")]
    [InlineData("OST1009", Calls + "[Syscall(\"write\")] public int Write(bool text) => text ? 1 : 0; }")]
    [InlineData("OST1010", Calls + "[Syscall(\"write\")] public string Write() => \"\"; }")]
    [InlineData("OST1010", Calls + "[Syscall(\"write\")] public Result<string> Write() => \"\"; }")]
    [InlineData("OST1011", Calls + "[Syscall(\"write\")] public static int Write() => 0; }")]
    [InlineData("OST1011", "namespace K; public sealed class Calls { [Syscall(\"write\")] public int Write() => 0; }")]
    [InlineData("OST1012", Calls + "[Syscall(\"mmap\")] public long Map(int a, int b, int c, int d, int e, int f, int g) => a + b + c + d + e + f + g; }")]
    [InlineData("OST1013", Calls + "[Syscall(\"openat\", Flags = \"open(path);\")] public int Open() => 0; }")]
    [InlineData("OST1013", Calls + "[Syscall(\"openat\", Flags = \"openat(path\")] public int Open() => 0; }")]
    [InlineData("OST1013", Calls + "[Syscall(\"openat\", Flags = \"openat(flags = <none>);\")] public int Open() => 0; }")]
    [InlineData("OST1015", "namespace K; [FileSystem(\"tmpfs\")] public sealed class Tmpfs;")]
    [InlineData("OST1015", "namespace K; [PseudoFile(\"/proc/x\")] public sealed class X;")]
    [InlineData("OST1016", "namespace K; [Component] public sealed class Log { [KernelParameter(\"quiet\")] public bool IsQuiet { get; } }")]
    [InlineData("OST1016", "namespace K; [Component] public sealed class Log { [KernelParameter(\"at\")] public object? At { get; set; } }")]
    [InlineData("OST1016", "namespace K; public sealed class Log { [KernelParameter(\"quiet\")] public bool IsQuiet { get; set; } }")]
    [InlineData("OST1017", "namespace K; public static class Tests { [KernelTest] public static int Answer() => 42; }")]
    [InlineData("OST1017", "namespace K; public sealed class Tests { [KernelTest] public void OutsideOfComponent() { } }")]
    [InlineData("OST1018", "namespace K; [PerCpu] public sealed class Queue(string name) { public string Name => name; }")]
    [InlineData("OST2001", "namespace K; public static class Log { private static int s_count; public static int Next() => ++s_count; }")]
    [InlineData("OST2001", "namespace K; public static class Log { public static int Level { get; set; } }")]
    [InlineData("OST2001", "namespace K; public static class Log { private static readonly List<int> s_all = []; public static int N => s_all.Count; }")]
    [InlineData("OST2002", "namespace K; public static class Log { public static void Write(object gate) { lock (gate) { } } }")]
    [InlineData("OST2003", "namespace K; public static class Log { public static async System.Threading.Tasks.Task Write() => await System.Threading.Tasks.Task.Yield(); }")]
    [InlineData("OST2003", "namespace K; public static class Log { public static Action A => async () => await System.Threading.Tasks.Task.Yield(); }")]
    [InlineData("OST2004", "namespace K; public sealed class Log { ~Log() { } }")]
    [InlineData("OST2006", "namespace K; public static class Log { public static void Write(Ostd.Sync.SpinLock gate) { var guard = gate.Acquire(); guard.Dispose(); } }")]
    [InlineData("OST2006", "namespace K; public static class Log { public static void Write(Ostd.Sync.SpinLock gate) => gate.Acquire(); }")]
    [InlineData("OST2007", "namespace K; public static class Log { static Errno Try() => Errno.EIO; public static void Write() { Try(); } }")]
    [InlineData("OST2007", "namespace K; public static class Log { static Result<int> Try() => Errno.EIO; public static void Write() => Try(); }")]
    public async Task Analyzer_ReportsAtTheSource(string id, string source)
        => Assert.Contains(await ImageHarness.AnalyzerErrors(source), error => error.StartsWith(id, System.StringComparison.Ordinal));

    [Theory]
    [InlineData("OST1003", "namespace K; public interface IDisk; [Component] public sealed class Mounts(IDisk disk) { public object D => disk; }")]
    [InlineData("OST1004", "namespace K; public interface IDisk; [Component] public sealed class A : IDisk; [Component] public sealed class B : IDisk; [Component] public sealed class Mounts(IDisk disk) { public object D => disk; }")]
    [InlineData("OST1005", "namespace K; [Component] public sealed class A(B b) { public object O => b; } [Component] public sealed class B(A a) { public object O => a; }")]
    [InlineData("OST1006", "namespace K; [Component(Stage = InitStage.Late)] public sealed class A; [Component(Stage = InitStage.Early)] public sealed class B(A a) { public object O => a; }")]
    [InlineData("OST1008", Calls + "[Syscall(\"sync\")] public int A() => 0; [Syscall(\"sync\")] public int B() => 0; }")]
    [InlineData("OST1014", "namespace K; [DeviceTreeDriver(\"uart\")] public sealed class A; [DeviceTreeDriver(\"uart\")] public sealed class B;")]
    [InlineData("OST1001", "namespace K; [Component] public class NotSealed;")]
    [InlineData("OST1019", "namespace K; public interface IDisk; [Component(IsOptional = true)] public sealed class Mounts(IDisk disk) { public object D => disk; }")]
    public void Generator_Reports(string id, string source)
        => Assert.Contains(ImageHarness.GeneratorErrors(source), error => error.StartsWith(id, System.StringComparison.Ordinal));

    [Fact]
    public void Generator_Circle_NamesTheWayRound()
    {
        var errors = ImageHarness.GeneratorErrors(
            "namespace K; [Component] public sealed class A(B b) { public object O => b; } [Component] public sealed class B(A a) { public object O => a; }");
        Assert.Equal(["OST1005: These components need each other to be built: K.A -> K.B -> K.A"], errors);
    }

    [Fact]
    public async Task Analyzer_Component_PointsAtTheAttribute()
        => Assert.Equal("Component", await ImageHarness.AnalyzerErrorText("namespace K; [Component] public class Clock;"));

    [Theory]
    [InlineData("CS8345", "namespace K; public sealed class Keeper { private Ostd.Sync.SpinGuard _guard; }")]
    [InlineData("CS8345", "namespace K; public sealed class Keeper { private Ostd.Memory.VmCursor _cursor; }")]
    [InlineData("CS8345", "namespace K; public sealed class Keeper { private Ostd.Memory.VmReader _reader; }")]
    [InlineData("CS0611", "namespace K; public static class Keeper { public static object Keep() => new Ostd.Sync.MutexGuard[1]; }")]
    [InlineData("CS0029", "namespace K; public static class Keeper { public static object Box(Ostd.Sync.SpinLock gate) => gate.Acquire(); }")]
    [InlineData("CS8175", "namespace K; public static class Keeper { public static Action Pass(Ostd.Sync.SpinLock gate) { using var guard = gate.Acquire(); return () => guard.Dispose(); } }")]
    public void Guard_CannotLeaveItsStack(string id, string source) => Assert.Contains(id, ImageHarness.CompilerErrors(source));

    [Theory]
    [InlineData("namespace K; public static class M { public static unsafe int Read(int* at) => *at; }", 1)]
    [InlineData("namespace K; public static class M { /* why */ public static unsafe int Read(int* at) => *at; }", 1)]
    [InlineData("namespace K; public static class M {\n// SAFETY: the caller owns it.\npublic static unsafe int Read(int* at) => *at; }", 0)]
    [InlineData("namespace K; public static class M { public static unsafe int Read(int* at)\n{\n// SAFETY: the caller owns it.\nreturn *at; } }", 0)]
    [InlineData("namespace K; public static class M { public static int Read() { int a = 1; unsafe { return *&a; } } }", 1)]
    public async Task SafetyComment_IsAskedForInOstd(string source, int count)
    {
        var errors = await ImageHarness.AnalyzerErrors(source, "Ostd.Testing", allowUnsafe: true);
        Assert.Equal(count, errors.Count(e => e.StartsWith("OST2005", System.StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("namespace K; public static class T { private static readonly int[] s_table = [1, 2]; public const int A = 1; public static int First => s_table[0]; }")]
    [InlineData("namespace K; public static class T { public static void Write(Ostd.Sync.SpinLock gate) { using var guard = gate.Acquire(); } }")]
    [InlineData("namespace K; public static class T { public static void Write(Ostd.Sync.SpinLock gate) { using (gate.Acquire()) { } } }")]
    [InlineData("namespace K; public static class T { static Errno Try() => Errno.EIO; public static void Write() { _ = Try(); } }")]
    public async Task Analyzer_GoodCode_IsLeftAlone(string source) => Assert.Empty(await ImageHarness.AnalyzerErrors(source));

    [Theory]
    [InlineData("OST2002", "namespace K; public static class Log { public static void Write(object gate) { lock (gate) { } } }")]
    [InlineData("OST2003", "namespace K; public static class Log { public static async System.Threading.Tasks.Task Write() => await System.Threading.Tasks.Task.Yield(); }")]
    [InlineData("OST2004", "namespace K; public sealed class Log { ~Log() { } }")]
    [InlineData("OST2006", "namespace K; public static class Log { public static void Write(Ostd.Sync.SpinLock gate) => gate.Acquire(); }")]
    public async Task ProjectOnOstd_OfAnyName_KeepsTheRulesOfTheRuntime(string id, string source)
        => Assert.StartsWith(id, Assert.Single(await ImageHarness.AnalyzerErrors(source, "demo")), System.StringComparison.Ordinal);

    [Fact]
    public async Task ProjectOnOstd_HasStateWhereItLikes()
        => Assert.Empty(await ImageHarness.AnalyzerErrors("namespace K; public static class Log { public static int Level { get; set; } public static object Gate => new Ostd.Sync.SpinLock(); }", "demo"));

    [Fact]
    public async Task HostTests_AreFreeOfTheHouseRules()
        => Assert.Empty(await ImageHarness.AnalyzerErrors("namespace K; public static class Log { public static int Level { get; set; } }", "Kernel.Time.Tests"));

    [Fact]
    public void EachId_HasASectionInTheDocs()
    {
        var page = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "docs", "diagnostics.md"));
        var documented = page.Where(l => l.StartsWith("## OST", System.StringComparison.Ordinal)).Select(l => l[3..]);
        Assert.Equal(Descriptors.All.Select(d => d.Id).Order(), documented.Order());
    }

    [Fact]
    public void EachId_IsUsedOnce() => Assert.Equal(Descriptors.All.Length, Descriptors.All.Select(d => d.Id).Distinct().Count());
}
