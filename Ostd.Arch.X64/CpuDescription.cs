// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;

namespace Ostd.Arch;

/// <summary>A CPU as <c>/proc/cpuinfo</c> shows it (man 5 proc; the layout is Linux's for x86).</summary>
public static class CpuDescription
{
    private static readonly string[] s_edx1 =
    [
        "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", "", "sep", "mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", "", "dts", "acpi", "mmx",
        "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe",
    ];

    private static readonly string[] s_ecx1 =
    [
        "pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est", "tm2", "ssse3", "cid", "sdbg", "", "cx16", "xtpr", "pdcm", "", "pcid", "dca", "sse4_1", "sse4_2",
        "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes", "", "", "", "", "rdrand", "hypervisor",
    ];

    /// <summary>Describes one CPU.</summary>
    public static string Describe(int cpu, int count)
    {
        CpuIdResult id = CpuIdentification.Query(1);
        uint family = id.Eax >> 8 & 15;
        uint model = id.Eax >> 4 & 15;
        if (family == 15)
        {
            family += id.Eax >> 20 & 255;
        }

        if (family is 6 or >= 15)
        {
            model += (id.Eax >> 16 & 15) << 4;
        }

        ulong kiloHertz = TimeStampCounter.FrequencyHz / 1000;
        CpuIdResult sizes = MaxExtendedLeaf >= 0x8000_0008 ? CpuIdentification.Query(0x8000_0008) : default;
        uint physicalBits = (sizes.Eax & 255) == 0 ? 36 : sizes.Eax & 255;
        uint virtualBits = (sizes.Eax >> 8 & 255) == 0 ? 48 : sizes.Eax >> 8 & 255;
        uint flushSize = (id.Ebx >> 8 & 255) * 8;
        var text = new StringBuilder(1024);
        Line(text, "processor\t: ", Number((uint)cpu));
        Line(text, "vendor_id\t: ", Vendor());
        Line(text, "cpu family\t: ", Number(family));
        Line(text, "model\t\t: ", Number(model));
        Line(text, "model name\t: ", Brand());
        Line(text, "stepping\t: ", Number(id.Eax & 15));
        text.Append("cpu MHz\t\t: ").Append(Number((uint)(kiloHertz / 1000))).Append('.').Append(Thousandths((uint)(kiloHertz % 1000))).Append('\n');
        Line(text, "physical id\t: ", "0");
        Line(text, "siblings\t: ", Number((uint)count));
        Line(text, "core id\t\t: ", Number((uint)cpu));
        Line(text, "cpu cores\t: ", Number((uint)count));
        Line(text, "apicid\t\t: ", Number((uint)cpu));
        Line(text, "initial apicid\t: ", Number((uint)cpu));
        Line(text, "fpu\t\t: ", "yes");
        Line(text, "fpu_exception\t: ", "yes");
        Line(text, "cpuid level\t: ", Number(CpuIdentification.MaxLeaf));
        Line(text, "wp\t\t: ", "yes");
        text.Append("flags\t\t:");
        AppendFlags(text, id.Edx, s_edx1);
        AppendFlags(text, id.Ecx & ~HiddenFeatures, s_ecx1);
        text.Append('\n');
        text.Append("bogomips\t: ").Append(Number((uint)(kiloHertz / 500))).Append('.').Append(Thousandths((uint)(kiloHertz % 500 / 5 * 10))[..2]).Append('\n');
        Line(text, "clflush size\t: ", Number(flushSize == 0 ? 64 : flushSize));
        Line(text, "cache_alignment\t: ", Number(flushSize == 0 ? 64 : flushSize));
        text.Append("address sizes\t: ").Append(Number(physicalBits)).Append(" bits physical, ").Append(Number(virtualBits)).Append(" bits virtual\n");
        text.Append("power management:\n\n");
        return text.ToString();
    }

    // XSAVE, OSXSAVE, AVX, F16C, FMA: the kernel does not turn the extended states on.
    private const uint HiddenFeatures = 1u << 26 | 1u << 27 | 1u << 28 | 1u << 29 | 1u << 12;

    private static uint MaxExtendedLeaf => CpuIdentification.Query(0x8000_0000).Eax;

    private static string Number(uint value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Thousandths(uint value) => Number(value + 1000)[1..];

    private static void Line(StringBuilder text, string name, string value) => text.Append(name).Append(value).Append('\n');

    private static void AppendFlags(StringBuilder text, uint bits, string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            if ((bits & 1u << i) != 0 && names[i].Length != 0)
            {
                text.Append(' ').Append(names[i]);
            }
        }
    }

    private static string Vendor()
    {
        CpuIdResult id = CpuIdentification.Query(0);
        Span<char> name = stackalloc char[12];
        AppendBytes(name, id.Ebx);
        AppendBytes(name[4..], id.Edx);
        AppendBytes(name[8..], id.Ecx);
        return new string(name);
    }

    private static string Brand()
    {
        if (MaxExtendedLeaf < 0x8000_0004)
        {
            return "unknown";
        }

        Span<char> name = stackalloc char[48];
        for (uint i = 0; i < 3; i++)
        {
            CpuIdResult part = CpuIdentification.Query(0x8000_0002 + i);
            Span<char> target = name[(int)(i * 16)..];
            AppendBytes(target, part.Eax);
            AppendBytes(target[4..], part.Ebx);
            AppendBytes(target[8..], part.Ecx);
            AppendBytes(target[12..], part.Edx);
        }

        return new string(name.TrimEnd('\0').Trim());
    }

    private static void AppendBytes(Span<char> target, uint value)
    {
        for (int i = 0; i < 4; i++)
        {
            target[i] = (char)(value >> (i * 8) & 0xff);
        }
    }
}
