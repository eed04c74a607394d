// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Syscalls;

/// <summary>How changes of user ids act on capabilities (man 7 capabilities, "Effect of user ID changes on capabilities").</summary>
internal static class CapabilityRules
{
    private const uint SECBIT_NO_SETUID_FIXUP = 4;

    /// <summary>CAP_CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, FSETID, LINUX_IMMUTABLE, MKNOD, MAC_OVERRIDE: what goes with the file-system uid.</summary>
    private const ulong FileCapabilities = 0x1f | 1UL << 9 | 1UL << 27 | 1UL << 32;

    public static Credentials AfterUidChange(Credentials wanted, Credentials old, ThreadAttributes attributes)
    {
        if ((attributes.SecureBits & SECBIT_NO_SETUID_FIXUP) != 0)
            return wanted;
        var hadRoot = old.RealUid == 0 || old.EffectiveUid == 0 || old.SavedUid == 0;
        var hasRoot = wanted.RealUid == 0 || wanted.EffectiveUid == 0 || wanted.SavedUid == 0;
        if (hadRoot && !hasRoot)
        {
            if (!attributes.KeepsCapabilities)
                wanted = wanted with { PermittedCapabilities = 0, EffectiveCapabilities = 0 };
            attributes.AmbientCapabilities = 0;
        }

        if (old.EffectiveUid == 0 && wanted.EffectiveUid != 0)
            wanted = wanted with { EffectiveCapabilities = 0 };
        else if (old.EffectiveUid != 0 && wanted.EffectiveUid == 0)
            wanted = wanted with { EffectiveCapabilities = wanted.PermittedCapabilities };
        return wanted;
    }

    public static Credentials AfterFileSystemUidChange(Credentials wanted, uint oldUid)
    {
        if (oldUid == 0 && wanted.FileSystemUid != 0)
            return wanted with { EffectiveCapabilities = wanted.EffectiveCapabilities & ~FileCapabilities };
        if (oldUid != 0 && wanted.FileSystemUid == 0)
            return wanted with { EffectiveCapabilities = wanted.EffectiveCapabilities | (wanted.PermittedCapabilities & FileCapabilities) };
        return wanted;
    }
}
