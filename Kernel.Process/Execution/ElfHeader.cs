// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Kernel.Process.Execution;

/// <summary>Types of ELF files that can be executed.</summary>
internal enum ElfType
{
    /// <summary>ET_EXEC: loaded where its program headers say.</summary>
    Executable = 2,

    /// <summary>ET_DYN: position-independent; a PIE or an interpreter.</summary>
    Shared = 3,
}

/// <summary>Machines (e_machine).</summary>
internal enum ElfMachine
{
    X64 = 62,
    RiscV = 243,
    LoongArch = 258,
}

/// <summary>The file header of an ELF64 file (System V gABI, chapter 4).</summary>
internal readonly record struct ElfHeader(ElfType Type, ulong Entry, ulong ProgramHeaderOffset, int ProgramHeaderCount)
{
    public const int SizeBytes = 64;

    /// <summary>Program header tables are at most one 64 KiB buffer, as in Linux.</summary>
    public const int MaximumProgramHeaders = 65536 / ElfProgramHeader.SizeBytes;

    private const int ClassIndex = 4;
    private const int DataIndex = 5;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;

    /// <summary>Takes the header of a file for the given machine apart.</summary>
    /// <returns>False for anything that this kernel cannot execute (ENOEXEC). Never throws, whatever the bytes are.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, ElfMachine machine, out ElfHeader header)
    {
        header = default;
        if (bytes.Length < SizeBytes || !bytes.StartsWith("\u007fELF"u8) || bytes[ClassIndex] != Class64 || bytes[DataIndex] != LittleEndian)
            return false;
        var type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        if (type is not ((ushort)ElfType.Executable or (ushort)ElfType.Shared) || BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) != (ushort)machine)
            return false;
        var entrySize = BinaryPrimitives.ReadUInt16LittleEndian(bytes[54..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[56..]);
        if (entrySize != ElfProgramHeader.SizeBytes || count is 0 or > MaximumProgramHeaders)
            return false;
        header = new ElfHeader(
            (ElfType)type, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), count);
        return true;
    }

    public static ElfMachine MachineOf(string machineName) => machineName switch
    {
        "x86_64" => ElfMachine.X64,
        "riscv64" => ElfMachine.RiscV,
        "loongarch64" => ElfMachine.LoongArch,
        _ => throw new NotSupportedException("No ELF machine number for this architecture."),
    };
}

/// <summary>Types of program headers that the kernel looks at.</summary>
internal enum ElfSegmentType : uint
{
    Load = 1,
    Interpreter = 3,
    ProgramHeaders = 6,
    GnuStack = 0x6474e551,
}

/// <summary>One program header (Elf64_Phdr).</summary>
internal readonly record struct ElfProgramHeader(
    ElfSegmentType Type, uint Flags, ulong Offset, ulong Address, ulong FileSize, ulong MemorySize, ulong Alignment)
{
    public const int SizeBytes = 56;

    public const uint Execute = 1;
    public const uint Write = 2;
    public const uint Read = 4;

    /// <summary>Takes one program header of exactly <see cref="SizeBytes"/> apart; nothing in it is checked.</summary>
    public static ElfProgramHeader Parse(ReadOnlySpan<byte> bytes) => new(
        (ElfSegmentType)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]));
}
