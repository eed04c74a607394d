// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>
/// The table that turns what devices send into interrupts (Intel VT-d specification 4.0, sections 5.1 and 9.9). The entry of a line has the line's number; each names the one source that may use it.
/// </summary>
internal static unsafe class InterruptRemapping
{
    /// <summary>Entries of the table: one page.</summary>
    public const int EntryCount = 256;

    private const ulong Present = 1;
    private const ulong LevelTriggered = 1 << 4;
    private const int VectorShift = 16;

    // Without extended mode a target is 8 bits, in the second byte of its field (section 9.9).
    private const int TargetShift = 40;
    private const uint MaxTarget = 0xff;

    // In the upper half: validation type 1, all bits of the source count (section 9.9, SVT and SQ).
    private const ulong ValidateSource = 1 << 18;

    // Messages in remappable format (section 5.1.5.2).
    private const ulong MessageAddress = 0xfee0_0000;
    private const ulong MessageIsRemappable = 1 << 4;
    private const ulong MessageHasSubHandle = 1 << 3;
    private const int MessageIndexShift = 5;

    // I/O APIC entries in remappable format (section 5.1.5.1).
    private const ulong InputIsRemappable = 1ul << 48;
    private const int InputIndexShift = 49;

    private static ulong* s_table;
    private static ushort s_ioApicSource;

    /// <summary>Interrupts are remapped.</summary>
    public static bool IsActive { get; set; }

    /// <summary>Takes the table.</summary>
    /// <param name="table">A page, filled with zeros.</param>
    /// <returns>Why interrupts cannot be remapped on this machine; null when they can.</returns>
    public static string? Prepare(byte* table)
    {
        if (LocalApic.IsX2Apic || CpuTopology.HardwareIdOf(0) > MaxTarget)
        {
            return "CPUs have numbers of 32 bits";
        }

        if (!DeviceMemory.Units.TryGetIoApicSource(CpuTopology.Table.IoApicId, out s_ioApicSource))
        {
            return "firmware does not name the I/O APIC";
        }

        s_table = (ulong*)table;
        return null;
    }

    /// <summary>Leads a message line to a CPU, for one source.</summary>
    /// <param name="line">The line.</param>
    /// <param name="vector">What the CPU gets.</param>
    /// <param name="target">The CPU.</param>
    /// <param name="source">Bus, device and function of who may raise it.</param>
    /// <param name="address">Where the device has to write.</param>
    /// <param name="data">What the device has to write.</param>
    public static void RouteMessage(int line, int vector, uint target, ushort source, out ulong address, out uint data)
    {
        SetEntry(line, vector, target, isLevelTriggered: false, source);
        address = MessageAddress | MessageIsRemappable | MessageHasSubHandle | (ulong)(uint)line << MessageIndexShift;
        data = 0;
    }

    /// <summary>Leads an input of the I/O APIC to a CPU.</summary>
    /// <returns>What of the input's entry says that: the rest is as without remapping.</returns>
    public static ulong RouteInput(int input, int vector, uint target, bool isLevelTriggered)
    {
        SetEntry(input, vector, target, isLevelTriggered, s_ioApicSource);
        return InputIsRemappable | (ulong)(uint)input << InputIndexShift;
    }

    /// <summary>Closes a line, once the units have forgotten it.</summary>
    public static void Close(int line)
    {
        // SAFETY: lines are fewer than entries, each has two words; hardware sees an entry that is present or not.
        Volatile.Write(ref s_table[line * 2], 0);
        DmaRemapping.Flush(s_table + line * 2, 2 * sizeof(ulong));
    }

    private static void SetEntry(int line, int vector, uint target, bool isLevelTriggered, ushort source)
    {
        // SAFETY: as Close; the entry is not present, or is the same.
        Volatile.Write(ref s_table[line * 2 + 1], source | ValidateSource);
        Volatile.Write(ref s_table[line * 2], (ulong)target << TargetShift | (ulong)(uint)vector << VectorShift | (isLevelTriggered ? LevelTriggered : 0) | Present);
        DmaRemapping.Flush(s_table + line * 2, 2 * sizeof(ulong));
    }
}
