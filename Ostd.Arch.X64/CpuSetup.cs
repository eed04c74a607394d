// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Turns on what protects the kernel, and the system call instruction, on the CPU that calls.</summary>
public static unsafe class CpuSetup
{
    // Cleared on SYSCALL: TF, IF, DF, IOPL, NT, AC (SDM volume 3, section 5.8.8).
    private const ulong SyscallFlagMask = 0x100 | 0x200 | 0x400 | 0x3000 | 0x4000 | 0x4_0000;

    /// <summary>Makes traps of the CPU that booted reach <c>KernelTrap</c>.</summary>
    public static void InitializeTraps() => DescriptorTables.InitializeBootCpu();

    /// <summary>Sets up system calls, write protection, SMEP, SMAP and UMIP as far as the CPU has them.</summary>
    public static void Initialize()
    {
        Msr.Write(Msr.Star, (ulong)Selectors.SysretBase << 48 | (ulong)Selectors.KernelCode << 32);
        Msr.Write(Msr.LongStar, (ulong)SyscallEntry());
        Msr.Write(Msr.FlagMask, SyscallFlagMask);

        ControlRegisters.WriteCr0(ControlRegisters.ReadCr0() | ControlRegisters.Cr0WriteProtect);
        ulong cr4 = ControlRegisters.ReadCr4();
        if (CpuIdentification.HasSmep)
        {
            cr4 |= ControlRegisters.Cr4Smep;
        }

        if (CpuIdentification.HasUmip)
        {
            cr4 |= ControlRegisters.Cr4Umip;
        }

        if (CpuIdentification.HasSmap)
        {
            cr4 |= ControlRegisters.Cr4Smap;

            // SAFETY: the block of this CPU; from here on the stubs execute STAC and CLAC.
            *(int*)(ThisCpu.Block + PerCpuLayout.SmapEnabled) = 1;
        }

        ControlRegisters.WriteCr4(cr4);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSyscallEntry")]
    private static extern nint SyscallEntry();
}
