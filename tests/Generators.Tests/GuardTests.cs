// SPDX-License-Identifier: MPL-2.0

using System;
using System.Threading.Tasks;
using Xunit;

namespace Asterion.Generators.Tests;

/// <summary>Copies of guards, what must not tear, and what is guarded.</summary>
public class GuardTests
{
    private const string Lock = "#pragma warning disable CS0169, CS0649, CS0414\nnamespace K; using Ostd; using Ostd.Sync; public sealed class T { readonly SpinLock _lock = new(); internal int _n; void M() { ";
    private const string State = "#pragma warning disable CS0169, CS0649, CS0414\nnamespace K; using Ostd; using Ostd.Sync; public sealed class T { readonly SpinLock _lock = new(); readonly RwMutex _other = new(); ";

    [Theory]
    [InlineData("using var guard = _lock.Acquire(); using var copy = guard;")]
    [InlineData("using var guard = _lock.Acquire(); Take(guard);", "static void Take(SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = _lock.Acquire(); using SpinGuard other = _n == 0 ? guard : _lock.Acquire();")]
    [InlineData("using var guard = Ostd.Tasks.PreemptGuard.Disable(); using var copy = guard;")]
    [InlineData("using var guard = _lock.Acquire(); var two = new Two { First = guard }; two.First.Dispose();", "ref struct Two { public SpinGuard First; }")]
    [InlineData("using var two = new Two(_lock); using var copy = two;", "ref struct Two(SpinLock gate) { private SpinGuard _first = gate.Acquire(); public void Dispose() => _first.Dispose(); }")]
    [InlineData("using var two = new Two(_lock); two.Get().Dispose();", "ref struct Two(SpinLock gate) { private SpinGuard _first = gate.Acquire(); public SpinGuard Get() => _first; public void Dispose() => _first.Dispose(); }")]
    [InlineData("using var two = new Two(_lock); two.Get().Dispose();", "ref struct Two(SpinLock gate) { private SpinGuard _first = gate.Acquire(); public Two Get() => this; public void Dispose() => _first.Dispose(); }")]
    [InlineData("using var guard = _lock.Acquire(); var copy = guard with { };")]
    [InlineData("using var guard = _lock.Acquire(); if (guard is var copy) { copy.Dispose(); }")]
    [InlineData("var guard = _lock.Acquire(); ref var other = ref guard; var copy = other; copy.Dispose();")]
    [InlineData("using var guard = _lock.Acquire(); guard.Release();", "} static class E { public static void Release(this SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = _lock.Acquire(); Release(in guard);", "static void Release(in SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = _lock.Acquire(); Release(in guard);", "static void Release(ref readonly SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = _lock.Acquire(); ref readonly var other = ref guard; other.Dispose();")]
    [InlineData("using var two = new Two(_lock); Release(in two);", "static void Release(in Two two) => two.First.Dispose(); ref struct Two(SpinLock gate) { public SpinGuard First = gate.Acquire(); public void Dispose() => First.Dispose(); }")]
    [InlineData("using var two = new Two(_lock);", "ref struct Two(SpinLock gate) { private readonly SpinGuard _first = gate.Acquire(); public void Dispose() => _first.Dispose(); }")]
    [InlineData("using var two = new Two(_lock);", "ref struct Two(SpinLock gate) { private SpinGuard _first = gate.Acquire(); public readonly void Dispose() => _first.Dispose(); }")]
    [InlineData("var guard = _lock.Acquire(); while (_n-- > 0) { Take(guard); }", "static void Take(SpinGuard guard) => guard.Dispose();")]
    [InlineData("var guard = _lock.Acquire(); again: Take(guard); if (_n-- > 0) { goto again; }", "static void Take(SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = Enter();", "SpinGuard Enter() { var guard = _lock.Acquire(); try { return guard; } finally { guard.Dispose(); } }")]
    [InlineData("Twice(_lock.Acquire(), static g => g.Dispose());", "delegate void Use<X>(X x) where X : allows ref struct; static void Twice<X>(X x, Use<X> use) where X : allows ref struct { use(x); use(x); }")]
    [InlineData("new Two<SpinGuard>().Twice(_lock.Acquire());", "sealed class Two<X> where X : allows ref struct { public void Twice(X x) { } }")]
    [InlineData("using var guard = _other.AcquireRead(); using var copy = guard;", "readonly RwLock _other = new();")]
    [InlineData("using var guard = _other.AcquireWrite(); using var copy = guard;", "readonly RwLock _other = new();")]
    [InlineData("using var guard = _other.AcquireUpgradeable(); using var copy = guard;", "readonly RwLock _other = new();")]
    [InlineData("using var guard = _other.AcquireRead(); using var copy = guard;", "readonly RwMutex _other = new();")]
    [InlineData("using var guard = _other.AcquireWrite(); using var copy = guard;", "readonly RwMutex _other = new();")]
    [InlineData("using var guard = _other.AcquireUpgradeable(); using var copy = guard;", "readonly RwMutex _other = new();")]
    [InlineData("using var guard = _other.Read(); using var copy = guard;", "readonly Rcu<string> _other = new(\"\");")]
    public async Task Guard_ReadIntoAnotherPlace_IsReported(string body, string members = "")
        => Assert.Contains(await ImageHarness.AnalyzerErrors(Lock + body + " } " + members + " }", "demo"), e => e.StartsWith("OST2013", StringComparison.Ordinal));

    [Fact]
    public async Task GuardCopied_InCodeThatSaysItIsGenerated_IsReportedToo()
    {
        var source = Lock.Replace("public sealed class T", "[System.CodeDom.Compiler.GeneratedCode(\"nobody\", \"1\")] public sealed class T", StringComparison.Ordinal);
        Assert.Contains(
            await ImageHarness.AnalyzerErrors(source + "using var guard = _lock.Acquire(); using var copy = guard; } }", "demo"),
            e => e.StartsWith("OST2013", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("using var guard = _lock.Acquire(); _n++;")]
    [InlineData("using (var guard = _lock.Acquire()) { _n++; }")]
    [InlineData("using var guard = _lock.Acquire(); guard.Dispose();")]
    [InlineData("using var guard = Enter();", "SpinGuard Enter() => _lock.Acquire();")]
    [InlineData("var guard = _lock.Acquire(); Release(ref guard);", "static void Release(ref SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var two = new Two(_lock.Acquire());", "ref struct Two { private SpinGuard _first; public Two(SpinGuard first) => _first = first; public void Dispose() => _first.Dispose(); }")]
    [InlineData("using var guard = Enter();", "SpinGuard Enter() { var guard = _lock.Acquire(); _n++; return guard; }")]
    [InlineData("while (_n-- > 0) { var guard = _lock.Acquire(); Take(guard); }", "static void Take(SpinGuard guard) => guard.Dispose();")]
    [InlineData("using var guard = _other.AcquireUpgradeable(); Upgrade(in guard);", "readonly RwLock _other = new(); static void Upgrade(in RwLockUpgradeableGuard guard) => guard.Upgrade();")]
    [InlineData("using var two = new Two(_lock);", "ref struct Two { private readonly SpinGuard _first; public Two(SpinLock gate) { _first = gate.Acquire(); _first.Dispose(); } public void Dispose() { } }")]
    [InlineData("var guard = _lock.Acquire(); ref var other = ref guard; other.Dispose();")]
    public async Task Guard_InPlaceOrMoved_IsLeftAlone(string body, string members = "")
        => Assert.DoesNotContain(await ImageHarness.AnalyzerErrors(Lock + body + " } " + members + " }", "demo"), e => e.StartsWith("OST2013", StringComparison.Ordinal));

    [Theory]
    [InlineData("internal Memory<byte> M;")]
    [InlineData("internal static ReadOnlyMemory<char> M;")]
    [InlineData("internal ReadOnlyMemory<byte> M { get; set; }")]
    [InlineData("internal Part P; internal struct Part { public int A; public ReadOnlyMemory<byte> M; }")]
    [InlineData("internal Memory<byte>? M;")]
    [InlineData("internal (int, Memory<byte>) M;")]
    [InlineData("internal readonly Memory<byte>[] M = new Memory<byte>[2];")]
    [InlineData("internal readonly List<ReadOnlyMemory<byte>> M = new();")]
    [InlineData("internal System.Buffers.ReadOnlySequence<byte> M;")]
    [InlineData("internal Func<int> F(Memory<byte> m) { Func<int> f = () => m.Length; m = default; return f; }")]
    public async Task SharedVariable_ThatTearsIntoForeignMemory_IsReported(string member)
        => Assert.StartsWith("OST2008", Assert.Single(await ImageHarness.AnalyzerErrors(State + member + " }", "demo")), StringComparison.Ordinal);

    [Theory]
    [InlineData("internal readonly ReadOnlyMemory<byte> M = default;")]
    [InlineData("internal ReadOnlyMemory<byte> M { get; } = default;")]
    [InlineData("internal Guid G; internal decimal D; internal Int128 I; internal long? L; internal (object?, int) V; internal ArraySegment<byte> S; internal List<int>.Enumerator E;")]
    [InlineData("internal ref struct Part { public ReadOnlyMemory<byte> M; }")]
    [InlineData("internal struct Part { public ReadOnlyMemory<byte> M; }")]
    [InlineData("internal Func<ReadOnlyMemory<byte>, int>? F;")]
    [InlineData("internal static int F(Memory<byte> m) { m = m[1..]; return m.Length; }")]
    [InlineData("internal Func<int> F(Memory<byte> m) => () => m.Length;")]
    [InlineData("[GuardedBy(nameof(_lock))] internal Memory<byte> M;")]
    [InlineData("[GuardedBy(nameof(_lock))] internal readonly Memory<byte>[] M = new Memory<byte>[2];")]
    public async Task Variable_ThatIsWholeOrTearsHarmlessly_IsLeftAlone(string member) => Assert.Empty(await ImageHarness.AnalyzerErrors(State + member + " }", "demo"));

    [Theory]
    [InlineData("int N => _m.Length;", "OST2014")]
    [InlineData("void N() { using (_lock.Acquire()) { } _m = default; }", "OST2014")]
    [InlineData("void N() { using var guard = _other.AcquireWrite(); _m = default; }", "OST2014")]
    [InlineData("void N(T other) { using var guard = _lock.Acquire(); other._m = default; }", "OST2014")]
    [InlineData("Action N() { using var guard = _lock.Acquire(); return () => _m = default; }", "OST2014")]
    [InlineData("[GuardedBy(nameof(_lock))] void N() => _m = default; void O() => N();", "OST2014")]
    [InlineData("[GuardedBy(\"_gate\")] internal int X;", "OST2015")]
    [InlineData("[GuardedBy(nameof(X))] internal int X;", "OST2015")]
    public async Task GuardedMember_OutsideOfItsLock_IsReported(string member, string id)
        => Assert.Contains(await ImageHarness.AnalyzerErrors(State + "[GuardedBy(nameof(_lock))] internal Memory<byte> _m; " + member + " }", "demo"), e => e.StartsWith(id, StringComparison.Ordinal));

    [Theory]
    [InlineData("void N() { using var guard = _lock.Acquire(); if (_other is null) { _m = default; } }")]
    [InlineData("void N() { using (_lock.AcquireIrqSafe()) { _m = default; } }")]
    [InlineData("void N(T other) { using var guard = other._lock.Acquire(); other._m = default; }")]
    [InlineData("T() => _m = new byte[1];")]
    [InlineData("[GuardedBy(nameof(_lock))] void N() => _m = default; void O() { using var guard = _lock.Acquire(); N(); }")]
    [InlineData("[GuardedBy(nameof(_lock))] int N { get => _m.Length; set => _m = default; }")]
    [InlineData("string N => nameof(_m);")]
    public async Task GuardedMember_UnderItsLock_IsLeftAlone(string member)
        => Assert.Empty(await ImageHarness.AnalyzerErrors(State + "[GuardedBy(nameof(_lock))] internal Memory<byte> _m; " + member + " }", "demo"));

    [Theory]
    [InlineData("public unsafe struct Buffer { public byte* Start; public int Length; }", 1)]
    [InlineData("public struct Buffer { public Memory<byte> All; }", 1)]
    [InlineData("public unsafe ref struct Buffer { public byte* Start; public int Length; }", 0)]
    [InlineData("public unsafe struct Buffer { public byte* Start; }", 0)]
    [InlineData("public struct Buffer { public object Start; public int Length; }", 0)]
    [InlineData("internal unsafe struct Buffer { public byte* Start; public int Length; }", 0)]
    public async Task StructOfOstd_ThatTears_IsReported(string source, int count)
    {
        var errors = await ImageHarness.AnalyzerErrors("#pragma warning disable CS0169, CS0649, CS0414\nnamespace K;\n// SAFETY: a test.\n" + source, "Ostd.Testing", allowUnsafe: true);
        Assert.Equal(count, System.Linq.Enumerable.Count(errors, e => e.StartsWith("OST2016", StringComparison.Ordinal)));
    }
}
