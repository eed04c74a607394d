// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Tests.Oops;

/// <summary>A file that lists names; a program that writes one of them has the kernel do what stands behind it.</summary>
public abstract class NamedActions : IPseudoFile
{
    /// <summary>What there is to do.</summary>
    protected abstract Dictionary<string, Action> Actions { get; }

    /// <summary>What the program is told when an action has come back.</summary>
    protected virtual Errno Outcome => Errno.Success;

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        foreach (var name in Actions.Keys)
        {
            writer.Append(name).Append('\n');
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        if (!Actions.TryGetValue(Encoding.ASCII.GetString(text.TrimEnd((byte)'\n')), out var action))
        {
            return Errno.EINVAL;
        }

        action();
        return Outcome;
    }
}
