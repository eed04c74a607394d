// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Boot;

namespace Kernel.Tests.Iommu;

/// <summary>What the machine was told.</summary>
internal static class TestCommandLine
{
    /// <summary>The word is on the command line.</summary>
    public static bool Has(string expected)
    {
        foreach (var word in new CommandLineWords(BootInfo.CommandLine))
        {
            if (word.SequenceEqual(expected))
            {
                return true;
            }
        }

        return false;
    }
}
