// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/sys/kernel/random/uuid: another one at each read (man 4 random).</summary>
[PseudoFile("/proc/sys/kernel/random/uuid", Stage = InitStage.Late)]
public sealed class RandomUuid(IRandomSource random) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        UuidText.Append(writer, bytes);
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/random/boot_id: one for the life of this boot.</summary>
[PseudoFile("/proc/sys/kernel/random/boot_id", Stage = InitStage.Late)]
public sealed class BootId(IRandomSource random) : IPseudoFile, IInitializable
{
    private readonly byte[] _bytes = new byte[16];

    /// <inheritdoc/>
    public void Initialize() => random.Fill(_bytes);

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        UuidText.Append(writer, _bytes);
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/random/entropy_avail: once seeded, the generator is always full (since Linux 5.18: 256).</summary>
[PseudoFile("/proc/sys/kernel/random/entropy_avail", Stage = InitStage.Late)]
[PseudoFile("/proc/sys/kernel/random/poolsize", Stage = InitStage.Late)]
public sealed class EntropySetting : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("256\n");
        return Errno.Success;
    }
}

/// <summary>UUIDs of version 4 (RFC 9562, 5.4).</summary>
internal static class UuidText
{
    public static void Append(PseudoFileWriter writer, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < 16; i++)
        {
            var value = i switch { 6 => bytes[6] & 0x0f | 0x40, 8 => bytes[8] & 0x3f | 0x80, _ => bytes[i] };
            writer.AppendHex((ulong)value, 2);
            if (i is 3 or 5 or 7 or 9)
            {
                writer.Append('-');
            }
        }

        writer.Append('\n');
    }
}
