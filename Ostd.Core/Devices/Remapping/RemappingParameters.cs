// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Boot;

namespace Ostd.Devices.Remapping;

/// <summary>The words of the command line about the IOMMU, with Linux's meaning: <c>intel_iommu=on</c> (the default) and <c>off</c>, <c>intremap=on</c> and <c>off</c>. Read here, because there are no components yet.</summary>
internal readonly record struct RemappingParameters(bool IsOn, bool RemapsInterrupts)
{
    /// <summary>Reads the words; the last of each kind counts.</summary>
    public static RemappingParameters Parse(ReadOnlySpan<char> commandLine)
    {
        bool isOn = true;
        bool remapsInterrupts = true;
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            if (CommandLineWords.TryGetValue(word, "intel_iommu=", out ReadOnlySpan<char> value))
            {
                isOn = value is "on" || (value is not "off" && isOn);
            }
            else if (CommandLineWords.TryGetValue(word, "intremap=", out value))
            {
                remapsInterrupts = value is "on" || (value is not "off" && remapsInterrupts);
            }
        }

        return new RemappingParameters(isOn, remapsInterrupts);
    }
}
