// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Interrupt lines and interrupts between CPUs.</summary>
public static class InterruptController
{
    private const ushort MasterPic = 0x20;
    private const ushort SlavePic = 0xa0;

    // Where a device's write becomes an interrupt, and how the target stands in the address (SDM volume 3, section 11.11).
    private const ulong MessageAddress = 0xfee0_0000;
    private const int MessageTargetShift = 12;

    /// <summary>Highest interrupt number, plus one. The first ones are inputs of the I/O APIC.</summary>
    public static int LineCount => InterruptVectors.Timer - InterruptVectors.FirstDevice;

    /// <summary>First of the lines that have no wire: devices raise them by a write (message-signalled interrupts).</summary>
    public static int FirstMessageLine => IoApic.InputCount;

    /// <summary>Turns on this CPU's controller and masks all lines. The 8259 PICs are moved away from the exception vectors and masked for good.</summary>
    public static void Initialize()
    {
        PortIo.WriteByte(MasterPic, 0x11); // ICW1: ICW4 follows
        PortIo.WriteByte(SlavePic, 0x11);
        PortIo.WriteByte(MasterPic + 1, InterruptVectors.FirstDevice);
        PortIo.WriteByte(SlavePic + 1, InterruptVectors.FirstDevice + 8);
        PortIo.WriteByte(MasterPic + 1, 4);
        PortIo.WriteByte(SlavePic + 1, 2);
        PortIo.WriteByte(MasterPic + 1, 1);
        PortIo.WriteByte(SlavePic + 1, 1);
        PortIo.WriteByte(MasterPic + 1, 0xff);
        PortIo.WriteByte(SlavePic + 1, 0xff);
        LocalApic.Initialize();
        CpuTopology.Initialize(LocalApic.Id);
        PciRegisters.Initialize();
        DeviceMemory.Initialize();
        PowerControl.Initialize();
        IoApic.Initialize(CpuTopology.Table.IoApicAddress);
    }

    /// <summary>Turns on the controller of a further CPU.</summary>
    internal static void InitializeSecondary() => LocalApic.Initialize();

    /// <summary>Number of the line to which a device's pin on PCI's bus 0 is wired: not known (firmware tells by ACPI methods, which nobody here interprets).</summary>
    public static int FromPciPin(int device, int pin) => -1;

    /// <summary>Number of the line to which an ISA interrupt is wired, or -1. The cascade, IRQ 2, does not exist.</summary>
    public static int FromIsa(int isaIrq)
    {
        const int cascade = 2;
        if (isaIrq is < 0 or >= Acpi.InterruptTable.IsaCount or cascade)
        {
            return -1;
        }

        uint input = CpuTopology.Table.InputOf(isaIrq);
        return input < IoApic.InputCount ? (int)input : -1;
    }

    /// <summary>Leads a message line to the CPU that booted, edge-triggered, fixed delivery.</summary>
    /// <param name="line">The line.</param>
    /// <param name="source">Bus, device and function of who will raise it: with interrupt remapping nobody else can.</param>
    /// <param name="address">Where the device has to write.</param>
    /// <param name="data">What the device has to write.</param>
    public static void RouteMessage(int line, ushort source, out ulong address, out uint data)
    {
        if (InterruptRemapping.IsActive)
        {
            InterruptRemapping.RouteMessage(line, InterruptVectors.FirstDevice + line, CpuTopology.HardwareIdOf(0), source, out address, out data);
        }
        else
        {
            GetPlainMessage(line, out address, out data);
        }
    }

    /// <summary>Ends what <see cref="RouteMessage"/> began: nobody can raise the line.</summary>
    /// <returns>True when remapping units have to forget the line: <see cref="DmaRemapping.TryInvalidateInterrupt"/>.</returns>
    public static bool CloseMessage(int line)
    {
        if (!InterruptRemapping.IsActive || line < FirstMessageLine)
        {
            return false;
        }

        InterruptRemapping.Close(line);
        return true;
    }

    /// <summary>The message of a line as it is without remapping.</summary>
    internal static void GetPlainMessage(int line, out ulong address, out uint data)
    {
        address = MessageAddress | ((ulong)CpuTopology.HardwareIdOf(0) << MessageTargetShift);
        data = (uint)(InterruptVectors.FirstDevice + line);
    }

    /// <summary>Lets a line's interrupts through to the CPU that booted. A message line has no mask here; its device has.</summary>
    public static void Unmask(int line)
    {
        if (line >= FirstMessageLine)
        {
            return;
        }

        int isaIrq = ToIsa(line);
        bool isActiveLow = isaIrq >= 0 && CpuTopology.Table.IsActiveLow(isaIrq);
        bool isLevelTriggered = isaIrq >= 0 && CpuTopology.Table.IsLevelTriggered(isaIrq);
        IoApic.Unmask(line, CpuTopology.HardwareIdOf(0), isActiveLow, isLevelTriggered);
    }

    /// <summary>Stops a line's interrupts. A message line has no mask here; its device has.</summary>
    public static void Mask(int line)
    {
        if (line < FirstMessageLine)
        {
            IoApic.Mask(line);
        }
    }

    /// <summary>The interrupt in service is handled.</summary>
    [InterruptSafe]
    public static void EndOfInterrupt() => LocalApic.EndOfInterrupt();

    /// <summary>Number by which other CPUs reach the one that calls.</summary>
    public static uint HardwareId => LocalApic.Id;

    /// <summary>Interrupts another CPU (<see cref="TrapKind.InterProcessor"/>).</summary>
    [InterruptSafe]
    public static void Send(uint hardwareId) => LocalApic.SendInterrupt(hardwareId, InterruptVectors.InterProcessor);

    /// <summary>Interrupts another CPU even where it has interrupts off (<see cref="TrapKind.NonMaskable"/>).</summary>
    [InterruptSafe]
    public static void SendNonMaskable(uint hardwareId) => LocalApic.SendNonMaskable(hardwareId);

    private static int ToIsa(int line)
    {
        for (int irq = 0; irq < Acpi.InterruptTable.IsaCount; irq++)
        {
            if (FromIsa(irq) == line)
            {
                return irq;
            }
        }

        return -1;
    }
}
