// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics.CodeAnalysis;

namespace Ostd.Devices.Pci;

/// <summary>
/// A function's table of message-signalled interrupts (PCI Local Bus Specification 3.0, section 6.8.2). Only OSTD writes it: an entry is an address and a value that the device will write, and drivers must
/// not choose either.
/// </summary>
internal sealed class MsixTable
{
    public const byte CapabilityId = 0x11;

    private const int EntryLength = 16;
    private const int AddressOffset = 0;
    private const int DataOffset = 8;
    private const int ControlOffset = 12;
    private const int MessageControl = 2;
    private const uint EnableBit = 1u << 31;
    private const uint FunctionMaskBit = 1u << 30;
    private const uint MaskBit = 1;
    private const uint PageMask = 0xfff;

    private readonly PciAddress _address;
    private readonly int _capability;
    private IoMem? _entries;

    // By entry, made beforehand: masking allocates nothing. Set with _entries.
    private IoRegister<uint>[]? _controls;

    private MsixTable(PciAddress address, int capability)
    {
        _address = address;
        _capability = capability;
        Count = (PciConfiguration.ReadHalf(address, capability + MessageControl) & 0x7ff) + 1;
        uint table = PciConfiguration.Read(address, capability + 4);
        uint pending = PciConfiguration.Read(address, capability + 8);
        TableBar = (int)(table & 7);
        TableOffset = table & ~7u;
        PendingBar = (int)(pending & 7);
        PendingOffset = pending & ~7u;
    }

    /// <summary>Number of entries: 1 to 2048.</summary>
    public int Count { get; }

    /// <summary>Who the function is on the bus.</summary>
    public ushort RequesterId => _address.RequesterId;

    private int TableBar { get; }

    private uint TableOffset { get; }

    private int PendingBar { get; }

    private uint PendingOffset { get; }

    /// <summary>Reads where a function's table is.</summary>
    public static MsixTable? Find(PciFunction function)
    {
        int capability = function.FindCapability(CapabilityId);
        return capability == 0 || capability > PciConfiguration.Length - 12 ? null : new MsixTable(function.Address, capability);
    }

    /// <summary>True when a part of a BAR shares a page with the table, or with the bits of pending interrupts.</summary>
    public bool Overlaps(int bar, ulong offset, ulong length) =>
        (bar == TableBar && Touches(offset, length, TableOffset, (ulong)Count * EntryLength))
        || (bar == PendingBar && Touches(offset, length, PendingOffset, ((ulong)Count + 63) / 64 * 8));

    /// <summary>Takes the table, masks all entries, and turns the function to this kind of interrupt.</summary>
    /// <returns>False when the table is not where it could be taken.</returns>
    public bool TryEnable(PciFunction function)
    {
        if (_entries is not null)
        {
            return true;
        }

        int length = Count * EntryLength;
        if (!function.TryGetBar(TableBar, out PciBar bar) || TableOffset > bar.Length || (ulong)length > bar.Length - TableOffset
            || !IoMem.TryAcquire(bar.Address + TableOffset, length, out IoMem? entries))
        {
            return false;
        }

        var controls = new IoRegister<uint>[Count];
        for (int entry = 0; entry < controls.Length; entry++)
        {
            controls[entry] = entries.Register<uint>(entry * EntryLength + ControlOffset);
        }

        // Section 6.8.3.1: first with the whole function masked, so that what firmware left in the table does no harm.
        uint control = PciConfiguration.Read(_address, _capability);
        PciConfiguration.Write(_address, _capability, control | EnableBit | FunctionMaskBit);
        foreach (IoRegister<uint> entry in controls)
        {
            entry.Write(MaskBit);
        }

        _controls = controls;
        _entries = entries;
        PciConfiguration.Write(_address, _capability, (control | EnableBit) & ~FunctionMaskBit);
        return true;
    }

    /// <summary>Sets what an entry sends; it is masked.</summary>
    public void SetMessage(int entry, ulong address, uint data)
    {
        if (_entries is null)
        {
            ThrowNotEnabled();
        }

        int start = entry * EntryLength;
        _entries.Register<uint>(start + AddressOffset).Write((uint)address);
        _entries.Register<uint>(start + AddressOffset + 4).Write((uint)(address >> 32));
        _entries.Register<uint>(start + DataOffset).Write(data);
    }

    /// <summary>Masks or unmasks an entry, and waits until the device has seen it.</summary>
    public void SetMasked(int entry, bool isMasked)
    {
        if (_controls is null)
        {
            ThrowNotEnabled();
        }

        IoRegister<uint> control = _controls[entry];
        control.Write(isMasked ? MaskBit : 0);
        _ = control.Read();
    }

    private static bool Touches(ulong offset, ulong length, ulong tableOffset, ulong tableLength) =>
        offset < ((tableOffset + tableLength + PageMask) & ~(ulong)PageMask) && (tableOffset & ~(ulong)PageMask) < offset + length;

    [DoesNotReturn]
    private static void ThrowNotEnabled() => throw new System.InvalidOperationException("Message-signalled interrupts of the function are not enabled.");
}
