// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch.Firmware;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>Interrupt lines, which are the vectors of the platform's controller, and interrupts between CPUs.</summary>
public static unsafe class InterruptController
{
    private const int MaxCpus = 256;

    // Blocks of CPUs by CPUID, for SendNonMaskable.
    private static readonly nint[] s_blocks = new nint[MaxCpus];

    /// <summary>Highest interrupt number, plus one.</summary>
    public static int LineCount => PlatformInterrupts.VectorCount;

    /// <summary>First of the lines that have no wire: devices raise them by a write (message-signalled interrupts).</summary>
    public static int FirstMessageLine => PlatformInterrupts.FirstMessageVector;

    /// <summary>Number by which other CPUs reach the one that calls.</summary>
    public static uint HardwareId => CpuTopology.HardwareIdOf(ThisCpu.Id);

    /// <summary>Prepares the platform's controller, masks all lines, and gives PCI devices the addresses that firmware would have given them.</summary>
    public static void Initialize()
    {
        PlatformInterrupts.Initialize();
        PciRegisters.Initialize();
        PciSetup.AssignAddresses();
        Register(Platform.BootCpu, ThisCpu.Block);
    }

    /// <summary>Number of the line to which a device's pin on PCI's bus 0 is wired: not known.</summary>
    public static int FromPciPin(int device, int pin) => -1;

    /// <summary>Number of the line to which an ISA interrupt is wired: there are none.</summary>
    public static int FromIsa(int isaIrq) => -1;

    /// <summary>Leads a message line to the CPU that booted.</summary>
    /// <param name="line">The line.</param>
    /// <param name="source">Bus, device and function of who will raise it. Nobody checks.</param>
    /// <param name="address">Where the device has to write.</param>
    /// <param name="data">What the device has to write.</param>
    public static void RouteMessage(int line, ushort source, out ulong address, out uint data)
    {
        PlatformInterrupts.Unmask(line);
        address = PlatformInterrupts.MessageStart;
        data = (uint)line;
    }

    /// <summary>Ends what <see cref="RouteMessage"/> began. There are no remapping units that would have to forget it.</summary>
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
    public static void Send(uint hardwareId) => InterProcessorRegisters.Send(hardwareId);

    /// <summary>Interrupts another CPU, which sees <see cref="TrapKind.NonMaskable"/>. There are no interrupts that cannot be held back: a CPU that has them off takes it when it turns them on.</summary>
    // SAFETY: blocks are never freed; the word is the trap code's, changed by atomic instructions.
    [InterruptSafe]
    public static void SendNonMaskable(uint hardwareId)
    {
        if (hardwareId < MaxCpus && s_blocks[hardwareId] != 0)
        {
            Interlocked.Exchange(ref *(int*)(s_blocks[hardwareId] + PerCpuLayout.StopRequest), 1);
            InterProcessorRegisters.Send(hardwareId);
        }
    }

    /// <summary>Says where a CPU's block is.</summary>
    internal static void Register(uint hardwareId, byte* block)
    {
        if (hardwareId < MaxCpus)
        {
            s_blocks[hardwareId] = (nint)block;
        }
    }
}
