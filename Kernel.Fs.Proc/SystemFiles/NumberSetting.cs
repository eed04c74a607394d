// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>A file of /proc/sys that holds one number of 0 or more.</summary>
public abstract class NumberSetting : IPseudoFile
{
    /// <summary>The number.</summary>
    protected abstract long Value { get; set; }

    /// <summary>The largest that is taken.</summary>
    protected virtual long Maximum => long.MaxValue;

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(Value).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!SettingText.TryParseNumber(text, out var value) || value > Maximum)
            return Errno.EINVAL;
        Value = value;
        return Errno.Success;
    }
}

/// <summary>A number that is 0 or 1.</summary>
public abstract class SwitchSetting : NumberSetting
{
    /// <summary>Whether it is 1.</summary>
    protected abstract bool IsOn { get; set; }

    /// <inheritdoc/>
    protected sealed override long Value
    {
        get => IsOn ? 1 : 0;
        set => IsOn = value != 0;
    }

    /// <inheritdoc/>
    protected override long Maximum => 1;
}
