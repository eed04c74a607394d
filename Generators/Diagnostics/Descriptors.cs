// SPDX-License-Identifier: MPL-2.0

using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Diagnostics;

/// <summary>
/// Every diagnostic of this assembly. An id is never reused. OST1xxx: what the image cannot be stitched from; OST2xxx: rules of the house.
/// Each has a section in <c>docs/diagnostics.md</c>.
/// </summary>
internal static class Descriptors
{
    private const string Composition = "Composition";
    private const string House = "House";

    public static readonly DiagnosticDescriptor ComponentShape = Error("OST1001", Composition,
        "A component is a public sealed class", "Component '{0}' must be a public, sealed, non-generic class");

    public static readonly DiagnosticDescriptor ComponentConstructor = Error("OST1002", Composition,
        "A component has one public constructor", "Component '{0}' must have exactly one public constructor, with no ref, in or out parameters");

    public static readonly DiagnosticDescriptor MissingContract = Error("OST1003", Composition,
        "No component offers a contract", "Component '{0}' needs '{1}', which no component of this image offers");

    public static readonly DiagnosticDescriptor AmbiguousContract = Error("OST1004", Composition,
        "Several components offer a contract", "Component '{0}' needs one '{1}', but several components offer it: {2}");

    public static readonly DiagnosticDescriptor DependencyCycle = Error("OST1005", Composition,
        "Components depend on each other in a circle", "These components need each other to be built: {0}");

    public static readonly DiagnosticDescriptor LaterStage = Error("OST1006", Composition,
        "A component depends on a later stage", "Component '{0}' of stage {1} needs '{2}' of the later stage {3}");

    public static readonly DiagnosticDescriptor UnknownSyscall = Error("OST1007", Composition,
        "Linux has no system call of this name", "'{0}' is not the name of a system call in any architecture's table");

    public static readonly DiagnosticDescriptor DuplicateSyscall = Error("OST1008", Composition,
        "Two handlers of one system call", "System call '{0}' has two handlers: '{1}' and '{2}'");

    public static readonly DiagnosticDescriptor SyscallParameter = Error("OST1009", Composition,
        "A system call parameter cannot be decoded",
        "Parameter '{0}' of system call '{1}' has type '{2}', which is no integer, no enum and has no public static FromRegister(ulong)");

    public static readonly DiagnosticDescriptor SyscallReturn = Error("OST1010", Composition,
        "A system call's result cannot be encoded",
        "System call '{0}' returns '{1}', which is no integer and has no public ToRegister() that returns long");

    public static readonly DiagnosticDescriptor SyscallShape = Error("OST1011", Composition,
        "A system call handler is a public instance method of a component",
        "Handler '{0}' must be a public, non-generic instance method of a component, with no ref or out parameters");

    public static readonly DiagnosticDescriptor SyscallArity = Error("OST1012", Composition,
        "A system call has at most six arguments", "Handler '{0}' takes {1} registers, and a system call has six");

    public static readonly DiagnosticDescriptor Scml = Error("OST1013", Composition,
        "The declaration of supported flags does not parse", "The flags of system call '{0}': {1}");

    public static readonly DiagnosticDescriptor DuplicateCapability = Error("OST1014", Composition,
        "Two components claim the same name", "Both '{1}' and '{2}' claim {0}");

    public static readonly DiagnosticDescriptor CapabilityContract = Error("OST1015", Composition,
        "A capability without its contract", "'{0}' has [{1}] but does not implement '{2}'");

    public static readonly DiagnosticDescriptor KernelParameter = Error("OST1016", Composition,
        "A kernel parameter is a settable property of a component",
        "'{0}' must be a public instance property of a component with a public setter, of type string, bool or an integer type");

    public static readonly DiagnosticDescriptor KernelTestShape = Error("OST1017", Composition,
        "A kernel test takes nothing and returns nothing",
        "Kernel test '{0}' must be a public void method without parameters, static in a public class or an instance method of a component");

    public static readonly DiagnosticDescriptor PerCpuShape = Error("OST1018", Composition,
        "A per-CPU class can be built for each CPU",
        "Per-CPU class '{0}' must be public, sealed, non-generic and have one public constructor, without parameters or with the CPU number (int)");

    public static readonly DiagnosticDescriptor Omitted = new("OST1019",
        "An optional component is left out", "Component '{0}' is left out of this image, which has no '{1}'", Composition,
        DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: "docs/diagnostics.md#ost1019");

    public static readonly DiagnosticDescriptor MainShape = Error("OST1020", Composition,
        "A kernel has one entry", "'{0}' must be the only method with [KernelMain]: static, internal or public, without parameters and result");

    public static readonly DiagnosticDescriptor MutableStatic = Error("OST2001", House,
        "No mutable state in statics of the kernel", "Static '{0}' is mutable: state lives in components, so that two of everything can be built");

    public static readonly DiagnosticDescriptor HostLock = Error("OST2002", House,
        "No lock statement in the kernel", "'lock' uses the runtime's monitor: use Ostd.Sync (SpinLock, Mutex)");

    public static readonly DiagnosticDescriptor Async = Error("OST2003", House,
        "No async code in the kernel", "'{0}' needs the thread pool, which the kernel does not have: use tasks of Ostd.Task");

    public static readonly DiagnosticDescriptor Finalizer = Error("OST2004", House,
        "No finalizers", "'{0}' has a finalizer, which the kernel's runtime never runs: use IDisposable or a guard");

    public static readonly DiagnosticDescriptor UnsafeWithoutSafety = Error("OST2005", House,
        "Unsafe code says why it is sound", "This unsafe code has no '// SAFETY:' comment above it");

    public static readonly DiagnosticDescriptor GuardWithoutUsing = Error("OST2006", House,
        "A guard stands in a using", "'{0}' is a guard: declare it with 'using' so that it is released on every path");

    public static readonly DiagnosticDescriptor DiscardedResult = Error("OST2007", House,
        "The result of a call that can fail is used", "The {0} that '{1}' returns is dropped: handle the error, or say '_ =' with a reason");

    public static readonly DiagnosticDescriptor TornField = Error("OST2008", House,
        "What must not tear is read-only or guarded", "'{0}' can be shared between tasks, and '{1}' tears: make it readonly, or say [GuardedBy] with its lock");

    public static readonly DiagnosticDescriptor MarkedAllocates = Error("OST2009", House,
        "What is marked [NoAlloc] or [InterruptSafe] allocates nothing", "'{0}' is [{1}] and allocates {2}");

    public static readonly DiagnosticDescriptor MarkedThrows = Error("OST2010", House,
        "What is marked [NoAlloc] or [InterruptSafe] throws nothing", "'{0}' is [{1}] and throws");

    public static readonly DiagnosticDescriptor MarkedCallsUnmarked = Error("OST2011", House,
        "What is marked [NoAlloc] or [InterruptSafe] calls only what is marked as well", "'{0}' is [{1}] and calls '{2}', which is not");

    public static readonly DiagnosticDescriptor MarkedRunsStaticConstructor = Error("OST2012", House,
        "What is marked [NoAlloc] or [InterruptSafe] runs no lazy static constructor", "'{0}' is [{1}] and may run the static constructor of '{2}'");

    public static readonly DiagnosticDescriptor GuardCopied = Error("OST2013", House,
        "A guard is not copied", "This copies a '{0}', of which only one value may release what it holds: use it where it stands, or pass it by reference");

    public static readonly DiagnosticDescriptor UnguardedUse = Error("OST2014", House,
        "What is guarded is used under its lock", "'{0}' is used without '{1}': take the lock in a using, or mark the method with the same [GuardedBy]");

    public static readonly DiagnosticDescriptor NoSuchLock = Error("OST2015", House,
        "A guard rule names a lock", "'{0}' says that '{1}' guards it, which is no lock of Ostd.Sync in this type");

    public static readonly DiagnosticDescriptor TornStruct = Error("OST2016", House,
        "What OSTD gives to clients does not tear", "Clients can store '{0}' where tasks share it, and a torn one leads to foreign memory: make it a class, a ref struct or one word");

    public static ImmutableArray<DiagnosticDescriptor> All { get; } =
    [
        ComponentShape, ComponentConstructor, MissingContract, AmbiguousContract, DependencyCycle, LaterStage, UnknownSyscall,
        DuplicateSyscall, SyscallParameter, SyscallReturn, SyscallShape, SyscallArity, Scml, DuplicateCapability, CapabilityContract,
        KernelParameter, KernelTestShape, PerCpuShape, Omitted, MainShape,
        MutableStatic, HostLock, Async, Finalizer, UnsafeWithoutSafety, GuardWithoutUsing, DiscardedResult,
        TornField, MarkedAllocates, MarkedThrows, MarkedCallsUnmarked, MarkedRunsStaticConstructor, GuardCopied, UnguardedUse, NoSuchLock, TornStruct,
    ];

    private static DiagnosticDescriptor Error(string id, string category, string title, string message)
        => new(id, title, message, category, DiagnosticSeverity.Error, isEnabledByDefault: true,
            helpLinkUri: $"docs/diagnostics.md#{id.ToLowerInvariant()}");
}
