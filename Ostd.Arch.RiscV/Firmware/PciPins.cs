// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Firmware;

/// <summary>Where the interrupt pins of PCI's devices lead, by the device tree (IEEE 1275, "Open Firmware Recommended Practice: Interrupt Mapping").</summary>
internal static class PciPins
{
    // An entry: three words of a PCI address, the pin, the parent's handle, and the parent's interrupt, which is one word and has no address at a PLIC.
    private const int EntryWords = 6;
    private const int PinWord = 3;
    private const int LineWord = 5;
    private const int DeviceShift = 11;
    private const int MaxPin = 4;

    /// <summary>The line of a pin of a device on bus 0; -1 when the tree has none.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="pin">1 to 4, for A to D.</param>
    public static int LineOf(int device, int pin)
    {
        if (pin is < 1 or > MaxPin || Platform.FindDevice("pci-host-ecam-generic"u8, out _, out _) is not { } host)
        {
            return -1;
        }

        uint address = (uint)device << DeviceShift & host.GetWord("interrupt-map-mask");
        uint number = (uint)pin & host.GetWord("interrupt-map-mask", PinWord);
        int count = host.Get("interrupt-map").Length / (EntryWords * sizeof(uint));
        for (int i = 0; i < count; i++)
        {
            int entry = i * EntryWords;
            if (host.GetWord("interrupt-map", entry) == address && host.GetWord("interrupt-map", entry + PinWord) == number)
            {
                return (int)host.GetWord("interrupt-map", entry + LineWord);
            }
        }

        return -1;
    }
}
