// SPDX-License-Identifier: MPL-2.0
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
public sealed class PanicOnOops : SwitchSetting
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
    protected override bool IsOn
    {
        get => IsSet;
        set => IsSet = value;
    }

    /// <summary>Whatever is not 0 sets it.</summary>
    protected override long Maximum => long.MaxValue;
}

/// <summary>/proc/sys/kernel/oops_limit: the oops that is a panic whatever panic_on_oops says; 0 for none.</summary>
[PseudoFile("/proc/sys/kernel/oops_limit", Mode = 0x1a4, Stage = InitStage.Late)]
public sealed class OopsLimit : NumberSetting
{
    /// <inheritdoc/>
    protected override long Value
    {
        get => Oops.Limit;
        set => Oops.Limit = value;
    }
}
