// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Text;
using System.Threading;

namespace Ostd.Arch.Firmware;

/// <summary>QEMU's firmware configuration device (QEMU, docs/specs/fw_cfg): what QEMU would tell firmware, read by keys and by names of files. Here it stands for a boot loader.</summary>
// SAFETY: the request of a transfer is read by the device during the call alone; the target is memory that the caller owns.
internal static unsafe class FirmwareConfiguration
{
    private const ushort SignatureKey = 0;
    private const ushort MemorySizeKey = 3;
    private const ushort DirectoryKey = 0x19;
    private const ulong SelectorOffset = 8;
    private const ulong TransferOffset = 16;
    private const uint TransferError = 1;
    private const uint TransferRead = 1 << 1;
    private const uint TransferSelect = 1 << 3;
    private const int NameLength = 56;

    private static ulong s_base;

    /// <summary>Finds the device.</summary>
    /// <returns>False when there is none.</returns>
    public static bool TryInitialize()
    {
        Span<byte> signature = stackalloc byte[4];
        if (Platform.FindDevice("qemu,fw-cfg-mmio"u8, out s_base, out _) is null)
        {
            return false;
        }

        Select(SignatureKey);
        Read(signature);
        return signature.SequenceEqual("QEMU"u8);
    }

    /// <summary>Size of memory in bytes.</summary>
    public static ulong ReadMemorySize()
    {
        Span<byte> value = stackalloc byte[8];
        Select(MemorySizeKey);
        Read(value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    /// <summary>Finds a file.</summary>
    public static bool TryFind(string name, out ushort key, out uint length)
    {
        Span<byte> word = stackalloc byte[4];
        Span<byte> entry = stackalloc byte[8 + NameLength];
        Select(DirectoryKey);
        Read(word);
        for (uint left = BinaryPrimitives.ReadUInt32BigEndian(word); left > 0; left--)
        {
            Read(entry);
            ReadOnlySpan<byte> text = entry[8..];
            int end = text.IndexOf((byte)0);
            if (Encoding.ASCII.GetString(end < 0 ? text : text[..end]) == name)
            {
                length = BinaryPrimitives.ReadUInt32BigEndian(entry);
                key = BinaryPrimitives.ReadUInt16BigEndian(entry[4..]);
                return true;
            }
        }

        key = 0;
        length = 0;
        return false;
    }

    /// <summary>Reads a file.</summary>
    public static byte[] ReadFile(ushort key, uint length)
    {
        byte[] content = new byte[length];
        Select(key);
        Read(content);
        return content;
    }

    /// <summary>Has a file written to physical memory.</summary>
    /// <returns>False when the device says that it failed.</returns>
    public static bool TryTransfer(ushort key, uint length, ulong target)
    {
        byte* request = stackalloc byte[16];
        var fields = new Span<byte>(request, 16);
        BinaryPrimitives.WriteUInt32BigEndian(fields, (uint)key << 16 | TransferSelect | TransferRead);
        BinaryPrimitives.WriteUInt32BigEndian(fields[4..], length);
        BinaryPrimitives.WriteUInt64BigEndian(fields[8..], target);
        ulong address = (ulong)request - PhysicalMap.KernelImageOffset; // the boot stack lies in the image
        Interlocked.MemoryBarrier();
        DeviceRegisters.WriteUInt32(s_base + TransferOffset, BinaryPrimitives.ReverseEndianness((uint)(address >> 32)));
        DeviceRegisters.WriteUInt32(s_base + TransferOffset + 4, BinaryPrimitives.ReverseEndianness((uint)address));
        uint control;
        do
        {
            control = BinaryPrimitives.ReverseEndianness(Volatile.Read(ref *(uint*)request));
        }
        while ((control & ~TransferError) != 0);

        return control == 0;
    }

    private static void Select(ushort key) => DeviceRegisters.WriteUInt16(s_base + SelectorOffset, BinaryPrimitives.ReverseEndianness(key));

    private static void Read(Span<byte> target)
    {
        for (int i = 0; i < target.Length; i++)
        {
            target[i] = DeviceRegisters.ReadByte(s_base);
        }
    }
}
