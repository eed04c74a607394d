// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Diagnostics;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/asterion/oops: how many there were, and the newest reports.</summary>
[PseudoFile("/proc/asterion/oops", Stage = InitStage.Late)]
public sealed class OopsReports : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append("count ").Append(Oops.Count).Append('\n').Append(Oops.CopyReports());
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/panic_on_oops; <c>panic_on_oops=1</c> or Linux's <c>oops=panic</c> on the command line.</summary>
[PseudoFile("/proc/sys/kernel/panic_on_oops", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class PanicOnOops : IPseudoFile
{
    /// <summary>The parameter's value.</summary>
    [KernelParameter("panic_on_oops")]
    public bool IsSet
    {
        get => Oops.IsFatal;
        set => Oops.IsFatal = value;
    }

    /// <summary>Linux's own spelling.</summary>
    [KernelParameter("oops")]
    public string Action
    {
        get => Oops.IsFatal ? "panic" : "";
        set => Oops.IsFatal |= value == "panic";
    }

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(IsSet ? "1\n" : "0\n");
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!SettingText.TryParseNumber(text, out var value))
            return Errno.EINVAL;
        IsSet = value != 0;
        return Errno.Success;
    }
}

/// <summary>/proc/sys/kernel/oops_limit: the oops that is a panic whatever panic_on_oops says; 0 for none.</summary>
[PseudoFile("/proc/sys/kernel/oops_limit", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class OopsLimit : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(Oops.Limit).Append('\n');
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!SettingText.TryParseNumber(text, out var value))
            return Errno.EINVAL;
        Oops.Limit = value;
        return Errno.Success;
    }
}
