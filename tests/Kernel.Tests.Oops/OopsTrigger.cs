// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Tests.Oops;

/// <summary>/proc/asterion/test/oops: a program that writes the name of a bug has it in its own system call. Reading lists the names.</summary>
[PseudoFile("/proc/asterion/test/oops", Mode = 0x1b6, Stage = InitStage.Late)]
public sealed class OopsTrigger : IPseudoFile
{
    private readonly List<KeyValuePair<string, Action>> _bugs = [];
    private readonly LockedBugs _locked = new();

    /// <summary>Collects the bugs.</summary>
    public OopsTrigger()
    {
        FaultBugs.AddTo(_bugs);
        FrameBugs.AddTo(_bugs);
        UnwindingBugs.AddTo(_bugs);
        _locked.AddTo(_bugs);
    }

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        // A lock that an oops left held would stop the reader here.
        _locked.TakeAll();
        foreach (var bug in _bugs)
        {
            writer.Append(bug.Key).Append('\n');
        }

        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno Accept(ReadOnlySpan<byte> text, IThread writer)
    {
        var name = Encoding.ASCII.GetString(text.TrimEnd((byte)'\n'));
        foreach (var bug in _bugs)
        {
            if (bug.Key == name)
            {
                bug.Value();
                return Errno.EIO; // it did not throw
            }
        }

        return Errno.EINVAL;
    }
}
