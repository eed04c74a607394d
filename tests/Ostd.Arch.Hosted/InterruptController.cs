// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The hosted machine has no wired interrupt lines, and a few message lines that tests raise.</summary>
public static class InterruptController
{
    /// <summary>Number of lines.</summary>
    public static int LineCount => 8;

    /// <summary>All lines are message lines.</summary>
    public static int FirstMessageLine => 0;

    /// <summary>A made-up message.</summary>
    public static void RouteMessage(int line, ushort source, out ulong address, out uint data)
    {
        address = 0xfee0_0000;
        data = (uint)line;
    }

    /// <summary>There is nothing to close.</summary>
    public static bool CloseMessage(int line) => false;

    /// <summary>This CPU's number in the hardware.</summary>
    public static uint HardwareId => 0;

    /// <summary>Nothing to prepare.</summary>
    public static void Initialize()
    {
    }

    /// <summary>The line of a device's pin: none.</summary>
    public static int FromPciPin(int device, int pin) => -1;

    /// <summary>The line of an ISA interrupt: none.</summary>
    public static int FromIsa(int isaIrq) => -1;

    /// <summary>Lets a line through.</summary>
    public static void Unmask(int line)
    {
    }

    /// <summary>Holds a line back.</summary>
    public static void Mask(int line)
    {
    }

    /// <summary>The handler is done.</summary>
    public static void EndOfInterrupt()
    {
    }

    /// <summary>Interrupts another CPU: there is none.</summary>
    public static void Send(uint hardwareId)
    {
    }

    /// <summary>Interrupts another CPU: there is none.</summary>
    public static void SendNonMaskable(uint hardwareId)
    {
    }
}
