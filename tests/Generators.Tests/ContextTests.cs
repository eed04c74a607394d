// SPDX-License-Identifier: MPL-2.0

using System;
using System.Threading.Tasks;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>What [NoAlloc] and [InterruptSafe] forbid, and what they leave alone.</summary>
public class ContextTests
{
    private const string Safe = "#pragma warning disable CS0169, CS0649, CS0414\nnamespace K; using Ostd; public sealed class T { internal object? _o; internal int _n; static int s_limit() => 0; [InterruptSafe] void M(int a, object o, string s) { ";
    private const string Ends = " } }";

    [Theory]
    [InlineData("OST2009", "_o = new object();")]
    [InlineData("OST2009", "_o = new int[a];")]
    [InlineData("OST2009", "_o = a;")]
    [InlineData("OST2009", "IComparable c = a; _o = c;")]
    [InlineData("OST2009", "_o = s + a.GetType();")]
    [InlineData("OST2009", "_o = $\"{s}!\";")]
    [InlineData("OST2009", "s += s; _o = s;")]
    [InlineData("OST2009", "int[] all = [a, 2]; _o = all;")]
    [InlineData("OST2009", "Action d = () => _n = a; _o = d;")]
    [InlineData("OST2009", "Action d = static () => { }; _o = d;")]
    [InlineData("OST2009", "Func<string> d = s.ToString; _o = d;")]
    [InlineData("OST2009", "Many(a, a);", "[InterruptSafe] static void Many(params int[] all) { }")]
    [InlineData("OST2009", "_o = new { a };")]
    [InlineData("OST2010", "throw null!;")]
    [InlineData("OST2010", "_o = o ?? throw null!;")]
    [InlineData("OST2011", "_o = s.Trim();")]
    [InlineData("OST2011", "Other();", "void Other() { }")]
    [InlineData("OST2011", "Other();", "[NoAlloc] void Other() { }")]
    [InlineData("OST2011", "_n = Value;", "int Value => s_limit();")]
    [InlineData("OST2011", "Value = a;", "[InterruptSafe] int Value { get => 1; } int Other { get => 1; set { } } void X() { } int this[int i] { set { } } static void Y() { } T V2 { set { } }", "this[a] = a;")]
    [InlineData("OST2011", "foreach (var x in List) { _n = x; }", "List<int> List = new();")]
    [InlineData("OST2011", "D();", "Action D = static () => { };")]
    [InlineData("OST2011", "using var d = P;", "static R P => default; ref struct R { public void Dispose() { } }")]
    [InlineData("OST2011", "_n = (int)(V + V);", "static W V; struct W { public static W operator +(W a, W b) => a; public static explicit operator int(W a) => 1; }")]
    [InlineData("OST2011", "lock (this) { _n = a; }")]
    [InlineData("OST2011", "I.Do();", "IX I = null!; interface IX { void Do(); }")]
    [InlineData("OST2012", "_n = s_l;", "static readonly int s_l = s_limit();")]
    [InlineData("OST2012", "C.Do();", "static class C { static C() { } [InterruptSafe] public static void Do() { } }")]
    [InlineData("OST2012", "_n = C.F;", "static class C { public static int F; static C() { F = 1; } }")]
    public async Task MarkedCode_ThatDoesMore_IsReported(string id, string body, string members = "", string? instead = null)
    {
        var errors = await ImageHarness.AnalyzerErrors(Safe + (instead ?? body) + " } " + members + " }", "demo");
        Assert.Contains(errors, e => e.StartsWith(id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("_n = a + s.Length; _o = o;")]
    [InlineData("Span<int> all = stackalloc int[4]; all[0] = a; all.Clear(); _n = all[1..].Length;")]
    [InlineData("ReadOnlySpan<byte> all = [1, 2, 3]; foreach (var x in all) { _n += x; }")]
    [InlineData("foreach (var x in s) { _n += x; }")]
    [InlineData("System.Threading.Interlocked.Increment(ref _n); _n = Math.Min(_n, a);")]
    [InlineData("ArgumentNullException.ThrowIfNull(o);")]
    [InlineData("if (_n < 0) { Ostd.Boot.Panic.Halt(\"negative\"); }")]
    [InlineData("var p = new P { X = a }; _n = p.X;", "struct P { public int X; }")]
    [InlineData("Other(); Local(); void Local() => _n++;", "[InterruptSafe] void Other() { }")]
    [InlineData("_n = Auto; Auto = a;", "int Auto { get; set; }")]
    [InlineData("I.Do();", "IX I = null!; [InterruptSafe] interface IX { void Do(); }")]
    [InlineData("D();", "[InterruptSafe] delegate void Handler(); Handler D = static () => { };")]
    [InlineData("_n = s_table[0];", "static readonly int[] s_table = [1, 2];")]
    [InlineData("_o = \"a\" + \"b\"; _n = sizeof(long);")]
    [InlineData("using var guard = L.AcquireIrqSafe(); Q.WakeOne();", "Ostd.Sync.SpinLock L = new(); Ostd.Sync.WaitQueue Q = new();")]
    public async Task MarkedCode_ThatKeepsItsPromise_IsLeftAlone(string body, string members = "")
        => Assert.Empty(await ImageHarness.AnalyzerErrors(Safe + body + " } " + members + " }", "demo"));

    [Theory]
    [InlineData("public sealed class P : Ostd.Tasks.IScheduler { object? _o; public int SelectCpu(Ostd.Tasks.Task task) { _o = new object(); return _o.Equals(null) ? 1 : 0; } public bool Enqueue(int cpu, Ostd.Tasks.Task task, bool isWakeup) => false; public Ostd.Tasks.Task? PickNext(int cpu) => null; public bool UpdateCurrent(int cpu, Ostd.Tasks.Task current, long elapsedNs, bool isTick) => false; public int QueueLength(int cpu) => 0; public Ostd.Tasks.Task? Steal(int fromCpu, int toCpu) => null; }")]
    [InlineData("public static class P { public static void Set(Ostd.Devices.IrqLine line) => line.Enable(static state => Ostd.Logging.Log.Info(new string('a', 1)), null); }")]
    [InlineData("public static class P { public static void Set(Ostd.Devices.IrqLine line) => line.Enable(Handle, null); static void Handle(object? state) { } }")]
    [InlineData("public abstract class B { [InterruptSafe] public abstract void Do(); } public sealed class P : B { public object? O; public override void Do() => O = new object(); }")]
    [InlineData("[InterruptSafe] public sealed class P { public object? O; void Do() => O = new object(); }")]
    [InlineData("public sealed class P { object? _o; [InterruptSafe] object? V { get => _o; set => _o = new object(); } public object? W { get => V; set => V = value; } }")]
    public async Task Promise_OfAnInterfaceBaseTypeOrDelegate_BindsTheCode(string source)
        => Assert.Contains(await ImageHarness.AnalyzerErrors("#pragma warning disable CS0169, CS0649, CS0414\nnamespace K; using Ostd; " + source, "demo"), e => e.StartsWith("OST2009", StringComparison.Ordinal) || e.StartsWith("OST2011", StringComparison.Ordinal));

    [Theory]
    [InlineData("static void F() { } static unsafe void Set() => s_f = &F;", 1)]
    [InlineData("[NoAlloc] static void F() { } static unsafe void Set() => s_f = &F;", 0)]
    [InlineData("static void F() { } static unsafe void Set() => Take(&F); static unsafe void Take([NoAlloc] delegate*<void> f) => s_f = f;", 1)]
    [InlineData("static unsafe void Take(delegate*<void> f) => s_f = f;", 1)]
    [InlineData("[NoAlloc] static unsafe void Call(delegate*<void> f) => f();", 1)]
    [InlineData("[NoAlloc] static unsafe void Call() { var f = s_f; if (f != null) { f(); } s_f = null; }", 0)]
    public async Task FunctionPointer_InAMarkedVariable_LeadsToMarkedCode(string members, int count)
    {
        var source = "#pragma warning disable CS0169, CS0649, CS0414\nnamespace K; using Ostd; public static class T {\n// SAFETY: a test.\n[NoAlloc] static unsafe delegate*<void> s_f; " + members + " }";
        var errors = await ImageHarness.AnalyzerErrors(source, "demo", allowUnsafe: true);
        Assert.Equal(count, errors.Length);
        Assert.All(errors, e => Assert.StartsWith("OST2011", e, StringComparison.Ordinal));
    }
}
