// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>The identity of a thread (man 7 credentials). Immutable: a change makes a new object, so that it can be read without a lock.</summary>
public sealed record Credentials(
    uint RealUid, uint EffectiveUid, uint SavedUid, uint FileSystemUid,
    uint RealGid, uint EffectiveGid, uint SavedGid, uint FileSystemGid,
    uint[] Groups, ulong PermittedCapabilities, ulong EffectiveCapabilities, ulong InheritableCapabilities, ulong BoundingCapabilities)
{
    /// <summary>All capabilities that Linux 6.1 knows (0 to 40).</summary>
    public const ulong AllCapabilities = (1UL << 41) - 1;

    /// <summary>The superuser.</summary>
    public static Credentials Root { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, [], AllCapabilities, AllCapabilities, 0, AllCapabilities);

    /// <summary>True when the effective set holds the capability.</summary>
    public bool HasCapability(Capability capability) => (EffectiveCapabilities >> (int)capability & 1) != 0;

    /// <summary>True when the group is the file-system gid or a supplementary group.</summary>
    public bool IsInGroup(uint gid) => gid == FileSystemGid || System.Array.IndexOf(Groups, gid) >= 0;
}

/// <summary>Capabilities that the kernel checks (man 7 capabilities).</summary>
public enum Capability
{
    CAP_CHOWN = 0,
    CAP_DAC_OVERRIDE = 1,
    CAP_DAC_READ_SEARCH = 2,
    CAP_FOWNER = 3,
    CAP_FSETID = 4,
    CAP_KILL = 5,
    CAP_SETGID = 6,
    CAP_SETUID = 7,
    CAP_SETPCAP = 8,
    CAP_SYS_CHROOT = 18,
    CAP_SYS_PTRACE = 19,
    CAP_SYS_ADMIN = 21,
    CAP_SYS_BOOT = 22,
    CAP_SYS_NICE = 23,
    CAP_SYS_RESOURCE = 24,
    CAP_SYS_TIME = 25,
    CAP_SYS_TTY_CONFIG = 26,
    CAP_MKNOD = 27,
    CAP_WAKE_ALARM = 35,
}
