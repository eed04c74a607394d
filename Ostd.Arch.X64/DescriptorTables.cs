// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>GDT, TSS and IDT of a CPU (SDM volume 3, chapters 3, 7 and 6).</summary>
public static unsafe class DescriptorTables
{
    private const int TssSize = 104;
    private const int IstStackSize = 8 * 1024;
    private const ulong KernelCodeDescriptor = 0x00af_9b00_0000_ffff;
    private const ulong KernelDataDescriptor = 0x00cf_9300_0000_ffff;
    private const ulong UserDataDescriptor = 0x00cf_f300_0000_ffff;
    private const ulong UserCodeDescriptor = 0x00af_fb00_0000_ffff;

    private static InterruptTable s_idt;
    private static CpuTables s_bootTables;

    /// <summary>Loads the boot CPU's tables. Traps reach <c>KernelTrap</c> from here on.</summary>
    public static void InitializeBootCpu()
    {
        FillInterruptTable();
        fixed (CpuTables* tables = &s_bootTables)
        {
            Load(tables);
        }
    }

    /// <summary>Loads tables on the CPU that calls. They must stay where they are for ever.</summary>
    internal static void Load(CpuTables* tables)
    {
        // SAFETY: the caller owns the tables; a static does not move.
        byte* tss = tables->Tss;
        byte* stacks = tables->IstStacks;
        for (int i = 1; i <= 3; i++)
        {
            *(ulong*)(tss + 28 + i * 8) = ((ulong)stacks + (ulong)(i * IstStackSize)) & ~15ul; // IST1 is at offset 36
        }

        *(ushort*)(tss + 102) = TssSize; // no I/O permission map: user mode has no ports

        ulong* gdt = tables->Gdt;
        gdt[Selectors.KernelCode / 8] = KernelCodeDescriptor;
        gdt[Selectors.KernelData / 8] = KernelDataDescriptor;
        gdt[Selectors.UserData / 8] = UserDataDescriptor;
        gdt[Selectors.UserCode / 8] = UserCodeDescriptor;
        ulong address = (ulong)tss;
        gdt[Selectors.TaskState / 8] = (TssSize - 1) | (address & 0xff_ffff) << 16 | 0x89ul << 40 | (address >> 24 & 0xff) << 56;
        gdt[Selectors.TaskState / 8 + 1] = address >> 32;

        TablePointer pointer;
        pointer.Limit = Selectors.EntryCount * 8 - 1;
        pointer.Base = (ulong)gdt;
        byte* block = ThisCpu.Block;
        LoadGdt(&pointer);
        Msr.Write(Msr.GsBase, (ulong)block); // loading the selector cleared it
        LoadTaskRegister(Selectors.TaskState);
        *(ulong*)(block + PerCpuLayout.TaskStateSegment) = address;

        fixed (InterruptTable* idt = &s_idt)
        {
            pointer.Limit = 256 * 16 - 1;
            pointer.Base = (ulong)idt;
            LoadIdt(&pointer);
        }
    }

    /// <summary>Takes the gates away and raises an exception, which then cannot be delivered: the CPU shuts down, and the machine resets (SDM volume 3, section 6.15, interrupt 8).</summary>
    internal static void TripleFault()
    {
        _ = Interrupts.Disable();
        TablePointer nothing = default;
        LoadIdt(&nothing);

        // SAFETY: address 0 is mapped in no address space; and nothing of the kernel runs after this, whatever is there.
        _ = System.Threading.Volatile.Read(ref *(byte*)0);
    }

    private static void FillInterruptTable()
    {
        ulong* handlers = (ulong*)VectorTable();
        fixed (InterruptTable* table = &s_idt)
        {
            ulong* idt = table->Entries;
            for (int vector = 0; vector < 256; vector++)
            {
                ulong handler = handlers[vector];
                int stack = vector switch { 8 => Selectors.DoubleFaultStack, 2 => Selectors.NmiStack, 18 => Selectors.MachineCheckStack, _ => 0 };

                // INT3 and INTO may be executed by user programs; every other INT n is a general protection fault there.
                ulong attributes = vector is 3 or 4 ? 0xeeul : 0x8eul;
                idt[vector * 2] = (handler & 0xffff) | (ulong)Selectors.KernelCode << 16 | (ulong)stack << 32 | attributes << 40 | (handler >> 16 & 0xffff) << 48;
                idt[vector * 2 + 1] = handler >> 32;
            }
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTrapVectorTable")]
    private static extern nint VectorTable();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchLoadGdt")]
    private static extern void LoadGdt(TablePointer* pointer);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchLoadIdt")]
    private static extern void LoadIdt(TablePointer* pointer);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchLoadTaskRegister")]
    private static extern void LoadTaskRegister(int selector);

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 2)]
    private struct TablePointer
    {
        public ushort Limit;
        public ulong Base;
    }

    private struct InterruptTable
    {
        public fixed ulong Entries[512];
    }

    /// <summary>One CPU's tables and the stacks of its interrupt stack table.</summary>
    internal struct CpuTables
    {
        public fixed ulong Gdt[Selectors.EntryCount];
        public fixed byte Tss[TssSize];
        public fixed byte IstStacks[3 * IstStackSize + 16];
    }
}
