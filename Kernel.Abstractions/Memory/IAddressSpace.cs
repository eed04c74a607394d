// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Abstractions.Memory;

/// <summary>Flags of mmap(2), with the generic values.</summary>
[Flags]
[Composition.AllowUndefinedFlags]
public enum MapFlags
{
    None = 0,
    MAP_SHARED = 0x01,
    MAP_PRIVATE = 0x02,
    MAP_SHARED_VALIDATE = 0x03,
    MAP_TYPE = 0x0f,
    MAP_FIXED = 0x10,
    MAP_ANONYMOUS = 0x20,
    MAP_GROWSDOWN = 0x100,
    MAP_DENYWRITE = 0x800,
    MAP_EXECUTABLE = 0x1000,
    MAP_LOCKED = 0x2000,
    MAP_NORESERVE = 0x4000,
    MAP_POPULATE = 0x8000,
    MAP_NONBLOCK = 0x10000,
    MAP_STACK = 0x20000,
    MAP_HUGETLB = 0x40000,
    MAP_SYNC = 0x80000,
    MAP_FIXED_NOREPLACE = 0x100000,
}

/// <summary>How a fault ended.</summary>
public enum FaultResult
{
    /// <summary>The page is there: retry.</summary>
    Resolved,

    /// <summary>No mapping: SIGSEGV with SEGV_MAPERR.</summary>
    NotMapped,

    /// <summary>Not allowed: SIGSEGV with SEGV_ACCERR.</summary>
    NotAllowed,

    /// <summary>Past the end of the mapped file, or the file could not be read: SIGBUS.</summary>
    BusError,

    /// <summary>No memory: the process is killed.</summary>
    OutOfMemory,
}

/// <summary>A process's memory: areas, and the page tables under them. Thread-safe.</summary>
public interface IAddressSpace
{
    VmSpace VmSpace { get; }

    /// <summary>mmap(2). <paramref name="memory"/> is null for anonymous memory; the file (for /proc/pid/maps) goes with it. Takes references of its own.</summary>
    /// <returns>The address; ENOMEM, EINVAL, EEXIST, EPERM.</returns>
    Result<ulong> Map(ulong address, ulong length, PageProtection protection, MapFlags flags, OpenFile? file, IMemoryObject? memory, long offset, ResourceLimits limits);

    Errno Unmap(ulong address, ulong length);

    /// <summary>mprotect(2).</summary>
    Errno Protect(ulong address, ulong length, PageProtection protection);

    /// <summary>mremap(2).</summary>
    /// <returns>The address; EFAULT, EINVAL, ENOMEM, EPERM.</returns>
    Result<ulong> Remap(ulong address, ulong oldLength, ulong newLength, RemapFlags flags, ulong newAddress, ResourceLimits limits);

    /// <summary>madvise(2).</summary>
    Errno Advise(ulong address, ulong length, MemoryAdvice advice);

    /// <summary>msync(2).</summary>
    Errno Synchronize(ulong address, ulong length, SyncFlags flags);

    /// <summary>mincore(2): one byte for each page from a page-aligned address on; ENOMEM at a hole.</summary>
    Errno GetResidency(ulong address, Span<byte> pages);

    /// <summary>mlock(2), mlock2(2).</summary>
    /// <param name="onFault">MLOCK_ONFAULT: pages are locked as they are touched.</param>
    Errno Lock(ulong address, ulong length, bool onFault, ResourceLimits limits);

    /// <summary>munlock(2).</summary>
    Errno Unlock(ulong address, ulong length);

    /// <summary>mlockall(2).</summary>
    Errno LockAll(bool current, bool future, bool onFault, ResourceLimits limits);

    /// <summary>munlockall(2).</summary>
    void UnlockAll();

    /// <summary>brk(2): sets the break where possible and returns what it is then.</summary>
    ulong SetBreak(ulong address, ResourceLimits limits);

    /// <summary>Where the heap starts; set by execve once.</summary>
    void InitializeBreak(ulong start);

    /// <summary>Maps the main stack: grows down to the limit. Returns the top.</summary>
    Result<ulong> MapStack(ulong top, ulong initialLength, PageProtection protection);

    /// <summary>Resolves a fault of user mode or of a user copy.</summary>
    FaultResult HandleFault(ulong address, PageFaultAccess access);

    /// <summary>A copy-on-write copy, for fork.</summary>
    Result<IAddressSpace> Clone();

    /// <summary>One more process shares it (CLONE_VM without CLONE_THREAD, vfork).</summary>
    void AddReference();

    /// <summary>A user is gone; the last one frees all. Not while active on the calling task: activate another or deactivate first.</summary>
    void Release();

    /// <summary>Sizes in bytes for /proc/pid/stat, statm and status.</summary>
    AddressSpaceStatistics GetStatistics();

    /// <summary>Bytes of memory that are mapped now. Takes no lock: true for a moment only.</summary>
    long ResidentBytes { get; }

    /// <summary>What getrusage(2) tells, without the walk that the other numbers need.</summary>
    AddressSpaceUsage GetUsage();

    /// <summary>Appends /proc/pid/maps.</summary>
    void DescribeAreas(PseudoFileWriter writer, IThread reader);

    /// <summary>Reads another process's memory (/proc/pid/cmdline, environ); short at a hole.</summary>
    int Read(ulong address, Span<byte> destination);

    /// <summary>Layout of the program, set by execve, for /proc/pid/stat and cmdline.</summary>
    ProgramLayout Layout { get; set; }
}

/// <summary>Addresses that execve laid out.</summary>
public sealed record ProgramLayout(ulong CodeStart, ulong CodeEnd, ulong DataStart, ulong DataEnd, ulong StackStart, ulong ArgumentsStart, ulong ArgumentsEnd, ulong EnvironmentStart, ulong EnvironmentEnd, byte[] AuxiliaryVector);

/// <summary>Sizes in bytes.</summary>
public readonly record struct AddressSpaceStatistics(long Virtual, long Resident, long Shared, long Code, long Data, long Stack, long PeakVirtual, long PeakResident, long PageTables, long MinorFaults, long MajorFaults);

/// <summary>Peak of the resident size in bytes, and counts of page faults.</summary>
public readonly record struct AddressSpaceUsage(long PeakResident, long MinorFaults, long MajorFaults);

/// <summary>Makes address spaces.</summary>
public interface IAddressSpaceFactory
{
    /// <summary>An empty one, for execve; ENOMEM.</summary>
    Result<IAddressSpace> Create();
}

/// <summary>
/// Pages that can be mapped: a file's page cache, or shared anonymous memory. A page handed out carries a reference for the caller.
/// </summary>
public interface IMemoryObject
{
    /// <summary>The page at the index, filled from the backing store if need be.</summary>
    /// <param name="forWrite">The page will be written through a shared mapping: holes are allocated, the page becomes dirty.</param>
    /// <returns>EFAULT past the end of the file (SIGBUS), ENOMEM, EIO.</returns>
    Result<Frame> GetPage(long pageIndex, bool forWrite);

    /// <summary>The page if it is there at once, for mapping ahead of faults; null handle when not.</summary>
    Frame TryGetCachedPage(long pageIndex);

    /// <summary>Length in bytes now.</summary>
    long LengthBytes { get; }

    /// <summary>
    /// Rises each time that pages were taken out (truncation, a hole), after they are out and before the owners' <see cref="IMappingOwner.OnTruncate"/> or
    /// <see cref="IMappingOwner.OnPagesRemoved"/>. Who maps a page compares what it was before the page was got
    /// with what it is once the page tables are locked, and maps nothing if it has changed: a page that is no longer the object's either shows here, or is unmapped by the call, and is never seen after it.
    /// </summary>
    long RemovalCount { get; }

    /// <summary>One more mapping, or one less: shared objects tell who maps them, so that truncation can unmap.</summary>
    void AddMapping(IMappingOwner owner);

    void RemoveMapping(IMappingOwner owner);
}

/// <summary>Who maps an object: told when pages go away.</summary>
public interface IMappingOwner
{
    /// <summary>Unmaps the object's pages from the index on, in all areas of this owner (truncate).</summary>
    void OnTruncate(IMemoryObject memory, long firstPageIndex);

    /// <summary>Unmaps pages that were taken out of the object, in all areas of this owner (a hole). Private copies of them stay.</summary>
    /// <param name="pageIndexes">Where the pages were.</param>
    /// <param name="frames">The pages themselves.</param>
    void OnPagesRemoved(IMemoryObject memory, ReadOnlySpan<long> pageIndexes, ReadOnlySpan<Frame> frames);
}

/// <summary>Makes shared anonymous memory (MAP_SHARED | MAP_ANONYMOUS, memfd, shm).</summary>
public interface ISharedMemoryFactory
{
    Result<IMemoryObject> Create(long lengthBytes);
}
