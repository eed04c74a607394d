// SPDX-License-Identifier: MPL-2.0
using System.Globalization;

namespace Ostd.Arch;

/// <summary>A CPU as <c>/proc/cpuinfo</c> shows it (man 5 proc; the layout is Linux's for LoongArch).</summary>
public static class CpuDescription
{
    private const int PhysicalAddressShift = 4;
    private const int VirtualAddressShift = 12;
    private const uint AddressBitsMask = 0xff;

    /// <summary>Describes one CPU.</summary>
    public static string Describe(int cpu, int count)
    {
        string number = Number((uint)cpu);
        uint word = CpuIdentification.ReadConfiguration(1);
        string physicalBits = Number((word >> PhysicalAddressShift & AddressBitsMask) + 1);
        string virtualBits = Number((word >> VirtualAddressShift & AddressBitsMask) + 1);
        return "processor\t\t: " + number + "\npackage\t\t\t: 0\ncore\t\t\t: " + number + "\nglobal_id\t\t: " + Number(CpuTopology.HardwareIdOf(cpu))
            + "\nCPU Family\t\t: Loongson-64bit\nCPU Revision\t\t: 0x" + (CpuIdentification.Identity & 0xff).ToString("x2", CultureInfo.InvariantCulture)
            + "\nAddress Sizes\t\t: " + physicalBits + " bits physical, " + virtualBits + " bits virtual\nISA\t\t\t: loongarch32 loongarch64\nFeatures\t\t:" + CpuIdentification.Features + "\n\n";
    }

    private static string Number(uint value) => value.ToString(CultureInfo.InvariantCulture);
}
