// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/sys/kernel/hostname: can be set, as by sethostname(2).</summary>
[PseudoFile("/proc/sys/kernel/hostname", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class HostNameSetting(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.NodeName).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        identity.NodeName = SettingText.FirstLine(text);
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/domainname.</summary>
[PseudoFile("/proc/sys/kernel/domainname", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class DomainNameSetting(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.DomainName).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        identity.DomainName = SettingText.FirstLine(text);
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/ostype.</summary>
[PseudoFile("/proc/sys/kernel/ostype", Stage = InitStage.Late)]
public sealed class SystemTypeSetting(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.SystemName).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/osrelease.</summary>
[PseudoFile("/proc/sys/kernel/osrelease", Stage = InitStage.Late)]
public sealed class ReleaseSetting(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.Release).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/version.</summary>
[PseudoFile("/proc/sys/kernel/version", Stage = InitStage.Late)]
public sealed class VersionSetting(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.Version).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/pid_max: pids stay below.</summary>
[PseudoFile("/proc/sys/kernel/pid_max", Stage = InitStage.Late)]
public sealed class PidMaximumSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("32768\n");
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/ngroups_max.</summary>
[PseudoFile("/proc/sys/kernel/ngroups_max", Stage = InitStage.Late)]
public sealed class GroupMaximumSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("65536\n");
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/cap_last_cap: the highest capability.</summary>
[PseudoFile("/proc/sys/kernel/cap_last_cap", Stage = InitStage.Late)]
public sealed class LastCapabilitySetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(System.Numerics.BitOperations.Log2(Credentials.AllCapabilities)).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/fs/nr_open: the highest RLIMIT_NOFILE.</summary>
[PseudoFile("/proc/sys/fs/nr_open", Stage = InitStage.Late)]
public sealed class OpenFileMaximumSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(1 << 20).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/fs/pipe-max-size: what F_SETPIPE_SZ gives without CAP_SYS_RESOURCE.</summary>
[PseudoFile("/proc/sys/fs/pipe-max-size", Stage = InitStage.Late)]
public sealed class PipeMaximumSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(1 << 20).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/sys/vm/overcommit_memory: the heuristic.</summary>
[PseudoFile("/proc/sys/vm/overcommit_memory", Stage = InitStage.Late)]
public sealed class OvercommitSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("0\n");
        return Errno.Success;
    }
}

/// <summary>/proc/sys/vm/mmap_min_addr: below it nothing can be mapped.</summary>
[PseudoFile("/proc/sys/vm/mmap_min_addr", Stage = InitStage.Late)]
public sealed class LowestAddressSetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.AppendUnsigned(Ostd.Memory.Paging.UserSpaceStart).Append('\n');
        return Errno.Success;
    }
}

/// <summary>What is written to a setting.</summary>
internal static class SettingText
{
    /// <summary>A decimal number of 0 or more, alone on its line.</summary>
    public static bool TryParseNumber(ReadOnlySpan<byte> text, out long value) =>
        System.Buffers.Text.Utf8Parser.TryParse(text.Trim(" \t\n\0"u8), out value, out var used) && used == text.Trim(" \t\n\0"u8).Length && value >= 0;

    private const int MaxLength = 64;

    /// <summary>The first line, at most 64 bytes.</summary>
    public static string FirstLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'\n', (byte)0);
        text = end < 0 ? text : text[..end];
        return Encoding.Latin1.GetString(text[..Math.Min(text.Length, MaxLength)]);
    }
}
