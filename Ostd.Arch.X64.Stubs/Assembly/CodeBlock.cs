// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Iced.Intel;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>A run of machine code in one section, written with Iced's assembler.</summary>
/// <remarks>
/// Inside a block use Iced's labels. For everything else use <see cref="Symbol"/>: <c>Asm.call(b.Symbol("F"))</c>,
/// <c>Asm.mov(rax, __qword_ptr[b.Symbol("x")])</c> (RIP-relative in 64-bit code), <c>Asm.mov(rax, b.Symbol("x"))</c> (the address).
/// </remarks>
public sealed class CodeBlock
{
    // Where Iced believes the block to stand: within 2 GiB of every token, so that 32-bit displacements can be encoded.
    private const ulong EncodingAddress = 0x7000_0000;

    private readonly StubObject _object;
    private readonly string _sectionName;
    private readonly List<(string Name, int Instruction)> _exports = [];

    internal CodeBlock(StubObject o, string section, int bitness)
    {
        _object = o;
        _sectionName = section;
        Asm = new Assembler(bitness);
    }

    /// <summary>The assembler to write instructions with.</summary>
    public Assembler Asm { get; }

    /// <summary>
    /// Bytes between RSP at the block's entries and the caller's frame: 8, the return address, for what is called; more for what is jumped to behind a push; 0 for what is entered
    /// neither way, whose frames are then not described and end a walk.
    /// </summary>
    public int EntryFrameSize { get; init; } = 8;

    /// <summary>Defines a global symbol at the next instruction.</summary>
    /// <param name="name">The symbol.</param>
    public void Export(string name)
    {
        _exports.Add((name, Asm.Instructions.Count));
    }

    /// <summary>Refers to a symbol of this or another object file.</summary>
    /// <param name="name">The symbol.</param>
    /// <returns>A token to be used as branch target, memory address or immediate; small offsets may be added.</returns>
    public ulong Symbol(string name) => _object.Token(name, isPhysical: false);

    /// <summary>Refers to the physical address at which a symbol of the higher half is loaded.</summary>
    /// <param name="name">The symbol.</param>
    /// <returns>A token to be used as memory address or immediate.</returns>
    public ulong PhysicalSymbol(string name) => _object.Token(name, isPhysical: true);

    internal void Encode(FrameDescriptions frames)
    {
        var instructions = new List<Instruction>(Asm.Instructions.Count + 1);
        foreach (Instruction original in Asm.Instructions)
        {
            Instruction instruction = original;
            if (Asm.Bitness == 64 && RefersToSymbolByMemory(instruction) && instruction is { MemoryBase: Register.None, MemoryIndex: Register.None })
            {
                instruction.MemoryBase = Register.RIP;
                instruction.Code = WithoutMemoryOffsetForm(instruction.Code);
            }

            instructions.Add(instruction);
        }

        var writer = new ByteCollector();
        var block = new InstructionBlock(writer, instructions, EncodingAddress);
        const BlockEncoderOptions options = BlockEncoderOptions.ReturnConstantOffsets | BlockEncoderOptions.ReturnNewInstructionOffsets;
        if (!BlockEncoder.TryEncode(Asm.Bitness, block, out string? error, out BlockEncoderResult result, options))
        {
            throw new InvalidDataException($"{_sectionName}: {error}");
        }

        ObjectSection section = _object.GetSection(_sectionName, SectionKind.Code);
        section.Align(16);
        ulong start = section.Size;
        byte[] bytes = writer.ToArray();
        for (int i = 0; i < instructions.Count; i++)
        {
            uint begin = result.NewInstructionOffsets[i];
            if (begin == uint.MaxValue)
            {
                throw new InvalidDataException($"{_sectionName}: the encoder rewrote '{instructions[i]}'");
            }

            uint end = i + 1 < instructions.Count ? result.NewInstructionOffsets[i + 1] : (uint)bytes.Length;
            Relocate(section, start, instructions[i], result.ConstantOffsets[i], begin, end, bytes);
        }

        section.Write(bytes);
        for (int i = 0; i < _exports.Count; i++)
        {
            ulong offset = OffsetOf(_exports[i].Instruction, result, bytes.Length);
            ulong end = i + 1 < _exports.Count ? OffsetOf(_exports[i + 1].Instruction, result, bytes.Length) : (ulong)bytes.Length;
            _object.DefineSymbol(_exports[i].Name, section, start + offset, end - offset, SymbolType.Function);
        }

        if (Asm.Bitness == 64 && EntryFrameSize != 0)
        {
            StackRow?[] rows = StackRows.Find(instructions, _exports.Select(e => e.Instruction), EntryFrameSize);
            List<ulong> offsets = [.. result.NewInstructionOffsets.Select(o => start + o), start + (ulong)bytes.Length];
            frames.Add(_sectionName, _exports[0].Name, start + OffsetOf(_exports[0].Instruction, result, bytes.Length), offsets, rows);
        }
    }

    private static ulong OffsetOf(int instruction, BlockEncoderResult result, int length) =>
        instruction < result.NewInstructionOffsets.Length ? result.NewInstructionOffsets[instruction] : (ulong)length;

    // Iced picks the accumulator's short forms for an absolute address; they have no RIP-relative addressing.
    private static Code WithoutMemoryOffsetForm(Code code) => code switch
    {
        Code.Mov_AL_moffs8 => Code.Mov_r8_rm8,
        Code.Mov_AX_moffs16 => Code.Mov_r16_rm16,
        Code.Mov_EAX_moffs32 => Code.Mov_r32_rm32,
        Code.Mov_RAX_moffs64 => Code.Mov_r64_rm64,
        Code.Mov_moffs8_AL => Code.Mov_rm8_r8,
        Code.Mov_moffs16_AX => Code.Mov_rm16_r16,
        Code.Mov_moffs32_EAX => Code.Mov_rm32_r32,
        Code.Mov_moffs64_RAX => Code.Mov_rm64_r64,
        _ => code,
    };

    private bool RefersToSymbolByMemory(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Memory)
            {
                return _object.TryResolveToken(instruction.MemoryDisplacement64, out _, out _);
            }
        }

        return false;
    }

    private void Relocate(
        ObjectSection section, ulong start, in Instruction instruction, in ConstantOffsets offsets, uint begin, uint end, byte[] bytes)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            switch (instruction.GetOpKind(i))
            {
                case OpKind.NearBranch64 or OpKind.NearBranch32:
                    if (_object.TryResolveToken(instruction.NearBranchTarget, out SymbolToken target, out long targetAddend))
                    {
                        Require(offsets.HasImmediate && offsets.ImmediateSize == 4, instruction);
                        Add(section, start, begin, offsets.ImmediateOffset, 4, bytes, target.Name, RelocationType.Plt32, targetAddend - (end - begin - offsets.ImmediateOffset));
                    }

                    break;
                case OpKind.Memory:
                    if (_object.TryResolveToken(instruction.MemoryDisplacement64, out SymbolToken memory, out long memoryAddend))
                    {
                        Require(offsets.HasDisplacement && offsets.DisplacementSize == 4, instruction);
                        bool isRelative = instruction.IsIPRelativeMemoryOperand;
                        RelocationType type = isRelative ? RelocationType.PcRelative32
                            : Asm.Bitness == 64 ? RelocationType.Absolute32Signed : RelocationType.Absolute32;
                        long addend = isRelative ? memoryAddend - (end - begin - offsets.DisplacementOffset) : memoryAddend;
                        Add(section, start, begin, offsets.DisplacementOffset, 4, bytes, memory.Name, type, addend);
                    }

                    break;
                case OpKind.Immediate32 or OpKind.Immediate32to64 or OpKind.Immediate64:
                    if (_object.TryResolveToken(instruction.GetImmediate(i), out SymbolToken immediate, out long immediateAddend))
                    {
                        RelocationType type = instruction.GetOpKind(i) switch
                        {
                            OpKind.Immediate64 => RelocationType.Absolute64,
                            OpKind.Immediate32to64 => RelocationType.Absolute32Signed,
                            _ => RelocationType.Absolute32,
                        };
                        Require(offsets.HasImmediate, instruction);
                        Add(section, start, begin, offsets.ImmediateOffset, offsets.ImmediateSize, bytes, immediate.Name, type, immediateAddend);
                    }

                    break;
                default:
                    break;
            }
        }
    }

    private static void Add(
        ObjectSection section, ulong start, uint begin, int fieldOffset, int fieldSize, byte[] bytes, string symbol, RelocationType type, long addend)
    {
        bytes.AsSpan((int)begin + fieldOffset, fieldSize).Clear();
        section.Relocations.Add(new ObjectRelocation(start + begin + (ulong)fieldOffset, symbol, type, addend));
    }

    private static void Require(bool condition, in Instruction instruction)
    {
        if (!condition)
        {
            throw new InvalidDataException($"'{instruction}' has no 32-bit field for the symbol it refers to");
        }
    }

    private sealed class ByteCollector : CodeWriter
    {
        private readonly List<byte> _bytes = [];

        public override void WriteByte(byte value) => _bytes.Add(value);

        public byte[] ToArray() => _bytes.ToArray();
    }
}
