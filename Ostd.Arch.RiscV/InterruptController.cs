// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch.Firmware;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Interrupt lines, which are the sources of the platform's controller, and interrupts between CPUs, which the firmware sends.</summary>
public static unsafe class InterruptController
{
    private const int MaxHarts = 4096;

    // Blocks of CPUs by hart, for SendNonMaskable.
    private static readonly nint[] s_blocks = new nint[MaxHarts];

    /// <summary>Highest interrupt number, plus one.</summary>
    public static int LineCount => PlatformInterrupts.SourceCount;

    /// <summary>First of the lines that have no wire: there are none.</summary>
    public static int FirstMessageLine => LineCount;

    /// <summary>Number by which other CPUs reach the one that calls.</summary>
    public static uint HardwareId => CpuTopology.HardwareIdOf(ThisCpu.Id);

    /// <summary>Finds the platform's controller and masks all lines.</summary>
    public static void Initialize()
    {
        PlatformInterrupts.Initialize();
        PciRegisters.Initialize();
        PciSetup.AssignAddresses();
        Register(Platform.BootHart, ThisCpu.Block);
    }

    /// <summary>Number of the line to which an ISA interrupt is wired: there are none.</summary>
    public static int FromIsa(int isaIrq) => -1;

    /// <summary>Number of the line to which a device's pin on PCI's bus 0 is wired (IEEE 1275, "interrupt-map").</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="pin">1 to 4, for A to D.</param>
    /// <returns>-1 when there is none.</returns>
    public static int FromPciPin(int device, int pin) => PciPins.LineOf(device, pin);

    /// <summary>Leads a message line to the CPU that booted. There are no message lines.</summary>
    public static void RouteMessage(int line, ushort source, out ulong address, out uint data) => throw new System.NotSupportedException();

    /// <summary>Ends what <see cref="RouteMessage"/> began.</summary>
    public static bool CloseMessage(int line) => false;

    /// <summary>Lets a line's interrupts through to the CPU that booted.</summary>
    public static void Unmask(int line) => PlatformInterrupts.Unmask(line);

    /// <summary>Stops a line's interrupts.</summary>
    public static void Mask(int line) => PlatformInterrupts.Mask(line);

    /// <summary>The interrupt in service is handled.</summary>
    [InterruptSafe]
    public static void EndOfInterrupt() => PlatformInterrupts.Complete();

    /// <summary>Interrupts another CPU (<see cref="TrapKind.InterProcessor"/>).</summary>
    [InterruptSafe]
    public static void Send(uint hardwareId) => Sbi.SendInterrupt(hardwareId);

    /// <summary>Interrupts another CPU, which sees <see cref="TrapKind.NonMaskable"/>. There are no interrupts that cannot be held back: a CPU that has them off takes it when it turns them on.</summary>
    // SAFETY: blocks are never freed; the word is the trap code's, changed by atomic instructions.
    [InterruptSafe]
    public static void SendNonMaskable(uint hardwareId)
    {
        if (hardwareId < MaxHarts && s_blocks[hardwareId] != 0)
        {
            Interlocked.Exchange(ref *(int*)(s_blocks[hardwareId] + PerCpuLayout.StopRequest), 1);
            Sbi.SendInterrupt(hardwareId);
        }
    }

    /// <summary>Says where the block of a hart's CPU is.</summary>
    internal static void Register(uint hart, byte* block)
    {
        if (hart < MaxHarts)
        {
            s_blocks[hart] = (nint)block;
        }
    }
}
