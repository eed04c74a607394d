// SPDX-License-Identifier: MPL-2.0

using Xunit;

namespace Asterion.Generators.Tests;

public class CompositionTests
{
    private const string Contracts = """
        namespace Kernel.Testing;
        public interface IClock;
        public interface IDisk;
        public interface INetwork;
        public interface IPartition;

        """;

    [Fact]
    public void Composition_OfSeveralKindsOfDependency_MatchesSnapshot()
    {
        var sources = ImageHarness.Generate(Contracts + """
            [Component(Stage = InitStage.Early)] public sealed class Clock : IClock, IInitializable { public void Initialize() { } }
            [Component] public sealed class Disk(IClock clock, INetwork? network) : IDisk { public IClock Clock => clock; public INetwork? Network => network; }
            [Component] public sealed class FirstPartition(Disk disk) : IPartition { public Disk Disk => disk; }
            [Component] public sealed class SecondPartition(IDisk disk) : IPartition { public IDisk Disk => disk; }
            [Component(Stage = InitStage.Late)] public sealed class Table(IPartition[] partitions, IReadOnlyList<INetwork> networks, KernelCommandLine line)
            {
                public object[] All => [partitions, networks, line];
            }
            """);
        Snapshot.Matches("Composition.txt", sources["KernelComposition.g.cs"]);
    }

    [Fact]
    public void Composition_LateDependency_BreaksTheCircle()
    {
        var sources = ImageHarness.Generate(Contracts + """
            [Component] public sealed class Disk(Late<INetwork> network, Late<IPartition[]> partitions) : IDisk
            {
                public object[] All => [network, partitions];
            }
            [Component] public sealed class Network(IDisk disk, Late<IClock?> clock) : INetwork { public object?[] All => [disk, clock]; }
            """);
        Snapshot.Matches("LateDependency.txt", sources["KernelComposition.g.cs"]);
    }

    [Fact]
    public void Composition_Registries_HoldTheNamedComponents()
    {
        var sources = ImageHarness.Generate(Contracts + """
            [FileSystem("tmpfs")] public sealed class Tmpfs : IFileSystemType
            {
                public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread) => Errno.EINVAL;
            }
            [PseudoFile("/proc/uptime")] [PseudoFile("/proc/idle", Mode = 0x100)] public sealed class Uptime : IPseudoFile
            {
                public Errno Generate(PseudoFileWriter writer, IThread reader) => Errno.Success;
            }
            [CharacterDevice("null", 1, 3)] public sealed class Null : ICharacterDevice
            {
                public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => Errno.ENXIO;
            }
            [Component] public sealed class Mounts(Late<FileSystemEntry[]> types, PseudoFileEntry[] files, IReadOnlyList<CharacterDeviceEntry> devices)
            {
                public object[] All => [types, files, devices];
            }
            """);
        Snapshot.Matches("Registries.txt", sources["KernelComposition.g.cs"]);
    }

    [Fact]
    public void Composition_PerCpuClass_IsBuiltForEachCpu()
    {
        var sources = ImageHarness.Generate("""
            namespace Kernel.Testing;
            [PerCpu] public sealed class Queue(int cpu) { public int Cpu => cpu; }
            [PerCpu] public sealed class Counters;
            [Component] public sealed class Scheduler(PerCpu<Queue> queues, PerCpu<Counters> counters) { public object[] All => [queues, counters]; }
            """);
        Snapshot.Matches("PerCpu.txt", sources["KernelComposition.g.cs"]);
    }

    [Fact]
    public void Composition_KernelParameters_AreSetBeforeDependentsAreBuilt()
    {
        var sources = ImageHarness.Generate("""
            namespace Kernel.Testing;
            [Component] public sealed class Console
            {
                [KernelParameter("console")] public string Device { get; set; } = "ttyS0";
                [KernelParameter("quiet")] public bool IsQuiet { get; set; }
                [KernelParameter("console.rows")] public ushort Rows { get; set; }
            }
            [Component] public sealed class Banner(Console console) { public Console Console => console; }
            """);
        Snapshot.Matches("KernelParameters.txt", sources["KernelComposition.g.cs"] + sources["KernelParameters.g.cs"]);
    }

    [Fact]
    public void Composition_Fallback_StepsBackForAnotherAssembly()
    {
        var fallback = ImageHarness.Library("namespace Kernel.A; public interface IPolicy; [Component(IsFallback = true)] public sealed class Fair : IPolicy;", "Kernel.A");
        var user = "namespace Kernel.B; [Component] public sealed class User(Kernel.A.IPolicy policy) { public object P => policy; } ";
        var other = user + "[Component] public sealed class Fifo : Kernel.A.IPolicy;";

        var alone = ImageHarness.Generate("x64", fallback, Referencing(fallback, user));
        var replaced = ImageHarness.Generate("x64", fallback, Referencing(fallback, other));

        Assert.Contains("new global::Kernel.B.User(Fair)", alone["KernelComposition.g.cs"]);
        Assert.Contains("new global::Kernel.B.User(Fifo)", replaced["KernelComposition.g.cs"]);
        Assert.DoesNotContain("Fair", replaced["KernelComposition.g.cs"]);
    }

    [Fact]
    public void Composition_OptionalComponentWithoutItsContract_IsLeftOutWithWhatNeedsIt()
    {
        var sources = ImageHarness.Generate(Contracts + """
            [Component(IsOptional = true)] public sealed class SocketCalls(INetwork network)
            {
                public object Network => network;
                [Syscall("socket")] public int Socket() => 0;
                [KernelTest] public void Test() { }
            }
            [Component(IsOptional = true)] public sealed class SocketFile(SocketCalls calls) { public object Calls => calls; }
            [Component] public sealed class Clock : IClock;
            """);
        Assert.Contains("new global::Kernel.Testing.Clock()", sources["KernelComposition.g.cs"]);
        Assert.DoesNotContain("Socket", sources["KernelComposition.g.cs"]);
        Assert.DoesNotContain("Sys_socket", sources["SyscallDispatcher.g.cs"]);
        Assert.DoesNotContain("KernelTests.g.cs", sources.Keys);
    }

    [Fact]
    public void Composition_ComponentsWithOneName_HaveDistinctProperties()
    {
        var sources = ImageHarness.Generate("""
            namespace Kernel.Testing { [Component] public sealed class Registry; }
            namespace Kernel.Testing.Other { [Component] public sealed class Registry; }
            """);
        Assert.Contains("Kernel_Testing_Other_Registry", sources["KernelComposition.g.cs"]);
    }

    [Fact]
    public void EntryPoint_WithInitProcess_StartsIt()
    {
        var sources = ImageHarness.Generate("""
            namespace Kernel.Testing;
            [Component(Stage = InitStage.Init)] public sealed class Init : IInitProcess { public void Start() { } }
            public static class Tests { [KernelTest] public static void Passes() { } }
            [Component] public sealed class MoreTests { [KernelTest] public void AlsoPasses() { } }
            """);
        Snapshot.Matches("EntryPoint.txt", sources["EntryPoint.g.cs"] + sources["KernelTests.g.cs"]);
    }

    [Fact]
    public void Image_WithoutComponents_Compiles()
    {
        var sources = ImageHarness.Generate("namespace Kernel.Testing; public static class Nothing;");
        Assert.Contains("Panic.Halt", sources["EntryPoint.g.cs"]);
        Assert.Equal(6, sources.Count);
    }

    private static Microsoft.CodeAnalysis.CSharp.CSharpCompilation Referencing(Microsoft.CodeAnalysis.CSharp.CSharpCompilation library, string source)
    {
        var tree = Microsoft.CodeAnalysis.CSharp.CSharpSyntaxTree.ParseText("using Kernel.Abstractions.Composition;\n" + source,
            new Microsoft.CodeAnalysis.CSharp.CSharpParseOptions(Microsoft.CodeAnalysis.CSharp.LanguageVersion.Preview));
        return library.RemoveAllSyntaxTrees().AddSyntaxTrees(tree).WithAssemblyName("Kernel.B").AddReferences(ImageHarness.Metadata(library));
    }
}
