// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;
using Ostd.Diagnostics;
using Ostd.Sync;

namespace Ostd.Devices.Pci;

/// <summary>
/// A PCI function, exclusively owned. Its configuration space can be read; what can be written are the few things that cannot break memory safety: a driver neither moves its registers nor chooses what its
/// interrupts write.
/// </summary>
public sealed class PciFunction : IDisposable
{
    // Registers of the common header (PCI Local Bus Specification 3.0, section 6.1).
    private const int Command = 0x04;
    private const int Status = 0x06;
    private const int ClassRegister = 0x08;
    private const int HeaderRegister = 0x0e;
    private const int SubsystemRegister = 0x2c;
    private const int CapabilitiesPointer = 0x34;
    private const int PinRegister = 0x3d;
    private const ushort CommandMemory = 1 << 1;
    private const ushort CommandBusMaster = 1 << 2;
    private const ushort CommandNoPinInterrupt = 1 << 10;
    private const ushort StatusCapabilities = 1 << 4;
    private const ushort NoVendor = 0xffff;

    // A list of capabilities longer than its space has room for runs in a circle.
    private const int FirstCapability = 0x40;
    private const int MaxCapabilities = (PciConfiguration.Length - FirstCapability) / 4;

    private static RawSpinLock s_lock;
    private static PciFunction? s_first;

    private readonly Mutex _lock = new();
    private readonly PciBars _bars;
    private readonly MsixTable? _interrupts;
    private PciFunction? _next;
    private bool _isDisposed;
    private bool[] _takenInterrupts = [];

    private PciFunction(PciAddress address)
    {
        Address = address;
        uint id = PciConfiguration.Read(address, 0);
        VendorId = (ushort)id;
        DeviceId = (ushort)(id >> 16);
        uint classAndRevision = PciConfiguration.Read(address, ClassRegister);
        ClassCode = (int)(classAndRevision >> 8);
        Revision = (byte)classAndRevision;
        byte header = PciConfiguration.ReadByte(address, HeaderRegister);
        IsMultiFunction = (header & 0x80) != 0;
        HeaderType = header & 0x7f;
        uint subsystem = HeaderType == 0 ? PciConfiguration.Read(address, SubsystemRegister) : 0;
        SubsystemVendorId = (ushort)subsystem;
        SubsystemId = (ushort)(subsystem >> 16);
        _bars = new PciBars(address, HeaderType);
        _interrupts = MsixTable.Find(this);
        byte pin = HeaderType == 0 && address.Bus == 0 ? PciConfiguration.ReadByte(address, PinRegister) : (byte)0;
        PinLine = pin == 0 ? -1 : InterruptController.FromPciPin(address.Device, pin);
    }

    /// <summary>Where it is.</summary>
    public PciAddress Address { get; }

    /// <summary>Who made it.</summary>
    public ushort VendorId { get; }

    /// <summary>What it is, in its maker's numbering.</summary>
    public ushort DeviceId { get; }

    /// <summary>Base class, sub-class and programming interface.</summary>
    public int ClassCode { get; }

    /// <summary>Revision.</summary>
    public byte Revision { get; }

    /// <summary>Maker of the board; 0 for bridges.</summary>
    public ushort SubsystemVendorId { get; }

    /// <summary>The board; 0 for bridges.</summary>
    public ushort SubsystemId { get; }

    /// <summary>Layout of the header: 0 for devices, 1 for bridges.</summary>
    public int HeaderType { get; }

    /// <summary>The device may have further functions.</summary>
    public bool IsMultiFunction { get; }

    /// <summary>Message-signalled interrupts that the device can tell apart; 0 when it has none.</summary>
    public int InterruptCount => InterruptController.FirstMessageLine < InterruptController.LineCount ? _interrupts?.Count ?? 0 : 0;

    /// <summary>Number of the line to which the function's interrupt pin is wired, which other functions may share; -1 when it has no pin, or where it leads is not known.</summary>
    public int PinLine { get; }

    /// <summary>Takes a function. Until its driver says otherwise it cannot write to memory, whatever firmware had it do.</summary>
    /// <returns>False when there is none, it is taken, or there is no memory for the IOMMU's table of its bus.</returns>
    public static bool TryAcquire(PciAddress address, [NotNullWhen(true)] out PciFunction? function)
    {
        function = null;
        if (PciConfiguration.ReadHalf(address, 0) == NoVendor || !Iommu.TryPrepare(address.Bus))
        {
            return false;
        }

        var candidate = new PciFunction(address);
        bool wereEnabled = s_lock.Enter();
        bool isFree = true;
        for (PciFunction? other = s_first; other is not null; other = other._next)
        {
            isFree &= other.Address != address;
        }

        if (isFree)
        {
            candidate._next = s_first;
            s_first = candidate;
        }

        s_lock.Exit(wereEnabled);
        if (!isFree)
        {
            return false;
        }

        if (candidate.HeaderType == 0)
        {
            candidate.ChangeCommand(CommandBusMaster, 0);
        }

        function = candidate;
        return true;
    }

    /// <summary>Reads a byte of configuration space.</summary>
    public byte ReadConfigurationByte(int offset) => PciConfiguration.ReadByte(Address, Checked(offset, 1));

    /// <summary>Reads 16 bits of configuration space.</summary>
    public ushort ReadConfigurationUInt16(int offset) => PciConfiguration.ReadHalf(Address, Checked(offset, 2));

    /// <summary>Reads 32 bits of configuration space.</summary>
    public uint ReadConfigurationUInt32(int offset) => PciConfiguration.Read(Address, Checked(offset, 4));

    /// <summary>Finds a capability (section 6.7).</summary>
    /// <param name="id">Its number.</param>
    /// <param name="after">Where the last one was that is not wanted; 0 for the first of all.</param>
    /// <returns>Its offset in configuration space; 0 when there is none.</returns>
    public int FindCapability(byte id, int after = 0)
    {
        if ((PciConfiguration.ReadHalf(Address, Status) & StatusCapabilities) == 0)
        {
            return 0;
        }

        bool isPast = after == 0;
        int offset = PciConfiguration.ReadByte(Address, CapabilitiesPointer) & ~3;
        for (int count = 0; offset >= FirstCapability && count < MaxCapabilities; count++)
        {
            ushort header = PciConfiguration.ReadHalf(Address, offset);
            if (isPast && (byte)header == id)
            {
                return offset;
            }

            isPast |= offset == after;
            offset = (header >> 8) & ~3;
        }

        return 0;
    }

    /// <summary>The memory behind a base address register.</summary>
    /// <returns>False when there is no such register, it is not used, or it is one of ports.</returns>
    public bool TryGetBar(int index, out PciBar bar)
    {
        using var guard = _lock.Acquire();
        return _bars.TryGet(index, out bar);
    }

    /// <summary>Takes a part of the function's registers.</summary>
    /// <param name="barIndex">The base address register.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="memory">The registers.</param>
    /// <returns>False when it leaves the BAR, shares a page with the table of interrupts, is taken, or lies where no registers can be.</returns>
    public bool TryAcquireMemory(int barIndex, ulong offset, int length, [NotNullWhen(true)] out IoMem? memory)
    {
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        memory = null;
        return length > 0 && TryGetBar(barIndex, out PciBar bar) && offset <= bar.Length && (ulong)length <= bar.Length - offset
            && _interrupts?.Overlaps(barIndex, offset, (ulong)length) != true
            && IoMem.TryAcquire(bar.Address + offset, length, out memory);
    }

    /// <summary>Makes the function answer at its memory addresses, and turns its interrupt pin off.</summary>
    public void EnableMemory()
    {
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        ChangeCommand(0, CommandMemory | CommandNoPinInterrupt);
    }

    /// <summary>Allows the function to read and write memory, or forbids it. With an IOMMU that is what is lent to devices, and before this call nothing.</summary>
    public void SetBusMaster(bool isAllowed)
    {
        using var guard = _lock.Acquire();
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        if (isAllowed)
        {
            Iommu.Allow(Address);
            ChangeCommandLocked(0, CommandBusMaster);
        }
        else
        {
            ChangeCommandLocked(CommandBusMaster, 0);
            Iommu.Forbid(Address);
        }
    }

    /// <summary>Takes one of the function's message-signalled interrupts. It is masked until its handler is set.</summary>
    /// <param name="index">0 to <see cref="InterruptCount"/> - 1.</param>
    /// <param name="line">The interrupt.</param>
    /// <returns>False when there is no such interrupt, it is taken, or no line is free.</returns>
    public bool TryAcquireInterrupt(int index, [NotNullWhen(true)] out IrqLine? line)
    {
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        line = null;
        if (_interrupts is null || (uint)index >= (uint)InterruptCount || !_interrupts.TryEnable(this))
        {
            return false;
        }

        using var guard = _lock.Acquire();
        if (_takenInterrupts.Length == 0)
        {
            _takenInterrupts = new bool[_interrupts.Count];
        }

        if (_takenInterrupts[index] || !IrqLine.TryAcquireMessage(_interrupts, index, out line))
        {
            return false;
        }

        _takenInterrupts[index] = true;
        return true;
    }

    /// <summary>Takes the line of the function's interrupt pin. It is masked until its handler is set, and stays up until the device has been told that it was seen.</summary>
    /// <param name="line">The line.</param>
    /// <returns>False when there is none, or it is taken: by a function that shares it, perhaps.</returns>
    public bool TryAcquirePinLine([NotNullWhen(true)] out IrqLine? line)
    {
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        line = null;
        return PinLine >= 0 && IrqLine.TryAcquire(PinLine, out line);
    }

    /// <summary>Lets the function use its interrupt pin, which <see cref="EnableMemory"/> turns off: whoever has the line asks this function, too.</summary>
    public void EnablePin()
    {
        Disposed.ThrowIf(_isDisposed, nameof(PciFunction));
        ChangeCommand(CommandNoPinInterrupt, 0);
    }

    /// <summary>Gives the function back: it can write to memory no more. Interrupts and registers that were taken of it stay taken.</summary>
    public void Dispose()
    {
        using var guard = _lock.Acquire();
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (HeaderType == 0)
        {
            ChangeCommandLocked(CommandBusMaster, CommandNoPinInterrupt);
            Iommu.Forbid(Address);
        }

        // Last: from here on it may have another owner.
        bool wereEnabled = s_lock.Enter();
        Unlink();
        s_lock.Exit(wereEnabled);
    }

    private static int Checked(int offset, int size)
    {
        if (offset < 0 || offset > PciConfiguration.Length - size || offset % size != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }

        return offset;
    }

    private void ChangeCommand(ushort clear, ushort set)
    {
        using var guard = _lock.Acquire();
        ChangeCommandLocked(clear, set);
    }

    // The status register, in the upper half, is one of "write 1 to clear": zeros change nothing there.
    private void ChangeCommandLocked(ushort clear, ushort set)
    {
        ushort command = PciConfiguration.ReadHalf(Address, Command);
        PciConfiguration.Write(Address, Command, (uint)(command & ~clear | set));
    }

    private void Unlink()
    {
        if (s_first == this)
        {
            s_first = _next;
            return;
        }

        for (PciFunction? other = s_first; other is not null; other = other._next)
        {
            if (other._next == this)
            {
                other._next = _next;
                return;
            }
        }
    }
}
