// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted CPU as <c>/proc/cpuinfo</c> shows it.</summary>
public static class CpuDescription
{
    /// <summary>The text of one CPU.</summary>
    public static string Describe(int cpu, int count) => "processor\t: " + cpu + "\nmodel name\t: hosted\n\n";
}
