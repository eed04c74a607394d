// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Devices.Pci;

/// <summary>A base address register of memory type, with its size (PCI Local Bus Specification 3.0, section 6.2.5.1).</summary>
/// <param name="Address">Physical address.</param>
/// <param name="Length">Bytes; a power of two.</param>
/// <param name="Is64Bit">It takes two registers.</param>
/// <param name="IsPrefetchable">Reading has no side effects.</param>
public readonly record struct PciBar(ulong Address, ulong Length, bool Is64Bit, bool IsPrefetchable);
