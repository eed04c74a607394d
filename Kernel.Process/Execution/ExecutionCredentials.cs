// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Process.Execution;

/// <summary>How execve changes the identity (man 2 execve; man 7 capabilities, "Transformation of capabilities during execve()").</summary>
internal static class ExecutionCredentials
{
    private const int SetUserId = 0x800;
    private const int SetGroupId = 0x400;
    private const int GroupExecute = 0x8;

    /// <summary>The identity of the new program.</summary>
    /// <param name="isSecure">AT_SECURE: the program runs with privileges that its caller does not have.</param>
    public static Credentials Transform(Credentials old, ThreadAttributes attributes, in InodeAttributes file, out bool isSecure)
    {
        var effectiveUid = old.EffectiveUid;
        var effectiveGid = old.EffectiveGid;
        if (!attributes.HasNoNewPrivileges)
        {
            if ((file.Mode & SetUserId) != 0)
                effectiveUid = file.Uid;

            // Without group execute permission the bit means mandatory locking, not set-group-id.
            if ((file.Mode & (SetGroupId | GroupExecute)) == (SetGroupId | GroupExecute))
                effectiveGid = file.Gid;
        }

        var hasChangedId = effectiveUid != old.RealUid || effectiveGid != old.RealGid;
        var isRoot = old.RealUid == 0 || effectiveUid == 0;
        var ambient = hasChangedId && effectiveUid != old.EffectiveUid ? 0 : attributes.AmbientCapabilities;
        var permitted = isRoot ? old.InheritableCapabilities | old.BoundingCapabilities : ambient;
        var effective = effectiveUid == 0 ? permitted : ambient;
        isSecure = hasChangedId && (effectiveUid != old.EffectiveUid || effectiveGid != old.EffectiveGid || old.RealUid != old.EffectiveUid || old.RealGid != old.EffectiveGid);
        return old with
        {
            EffectiveUid = effectiveUid,
            SavedUid = effectiveUid,
            FileSystemUid = effectiveUid,
            EffectiveGid = effectiveGid,
            SavedGid = effectiveGid,
            FileSystemGid = effectiveGid,
            PermittedCapabilities = permitted,
            EffectiveCapabilities = effective,
        };
    }
}
