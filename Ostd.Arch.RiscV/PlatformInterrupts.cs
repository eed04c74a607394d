// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Firmware;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>The platform-level interrupt controller (RISC-V Platform-Level Interrupt Controller Specification 1.0.0). All sources lead to the CPU that booted.</summary>
internal static unsafe class PlatformInterrupts
{
    private const ulong EnableOffset = 0x2000;
    private const ulong EnableStride = 0x80;
    private const ulong ContextOffset = 0x20_0000;
    private const ulong ContextStride = 0x1000;
    private const uint SupervisorExternal = 9;

    private static ulong s_base;
    private static ulong s_context;

    /// <summary>Number of sources, plus one: 0 is none.</summary>
    public static int SourceCount { get; private set; }

    /// <summary>Finds the controller and the context of the CPU that booted, and masks all sources.</summary>
    public static void Initialize()
    {
        DeviceTreeNode? node = Platform.FindDevice("riscv,plic0"u8, out s_base, out _) ?? Platform.FindDevice("sifive,plic-1.0.0"u8, out s_base, out _);
        if (node is null || !TryFindContext(node, out s_context))
        {
            SourceCount = 0;
            return;
        }

        SourceCount = (int)node.GetWord("riscv,ndev") + 1;
        for (int source = 1; source < SourceCount; source++)
        {
            Mask(source);
            DeviceRegisters.WriteUInt32(s_base + (ulong)source * 4, 1);
        }

        DeviceRegisters.WriteUInt32(s_base + ContextOffset + s_context * ContextStride, 0);
    }

    /// <summary>Lets a source through.</summary>
    public static void Unmask(int source) => Change(source, isEnabled: true);

    /// <summary>Stops a source.</summary>
    public static void Mask(int source) => Change(source, isEnabled: false);

    /// <summary>Takes the source that interrupts. It is held back until <see cref="Complete"/>.</summary>
    /// <returns>0 when there is none.</returns>
    // SAFETY: the block is this CPU's; interrupts are off.
    [InterruptSafe]
    public static int Claim()
    {
        int source = (int)DeviceRegisters.ReadUInt32(s_base + ContextOffset + s_context * ContextStride + 4);
        *(int*)(ThisCpu.Block + PerCpuLayout.ClaimedSource) = source;
        return source;
    }

    /// <summary>Ends what <see cref="Claim"/> began on this CPU, if it did.</summary>
    [InterruptSafe]
    public static void Complete()
    {
        // SAFETY: as above.
        int* claimed = (int*)(ThisCpu.Block + PerCpuLayout.ClaimedSource);
        if (*claimed != 0)
        {
            DeviceRegisters.WriteUInt32(s_base + ContextOffset + s_context * ContextStride + 4, (uint)*claimed);
            *claimed = 0;
        }
    }

    private static void Change(int source, bool isEnabled)
    {
        ulong register = s_base + EnableOffset + s_context * EnableStride + (ulong)(source / 32) * 4;
        uint bit = 1u << (source % 32);
        uint value = DeviceRegisters.ReadUInt32(register);
        DeviceRegisters.WriteUInt32(register, isEnabled ? value | bit : value & ~bit);
    }

    // A context is an entry of interrupts-extended: the interrupt controller of a hart, and which of its inputs.
    private static bool TryFindContext(DeviceTreeNode node, out ulong context)
    {
        context = 0;
        DeviceTreeNode? inputs = Platform.Cpus.Count == 0 ? null : Platform.Find(Platform.Cpus[0], "interrupt-controller");
        uint handle = inputs?.GetWord("phandle") ?? 0;
        int count = node.Get("interrupts-extended").Length / 8;
        for (int i = 0; i < count; i++)
        {
            if (node.GetWord("interrupts-extended", i * 2) == handle && node.GetWord("interrupts-extended", i * 2 + 1) == SupervisorExternal)
            {
                context = (ulong)i;
                return true;
            }
        }

        return false;
    }
}
