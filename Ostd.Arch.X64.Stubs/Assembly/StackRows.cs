// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using Iced.Intel;

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>
/// Where the caller's frame is before an instruction: the canonical frame address (CFA, what RSP was before the call) as a register plus an offset, and which callee-saved registers
/// lie below it.
/// </summary>
internal sealed record StackRow(Register CfaRegister, int CfaOffset, IReadOnlyList<(Register Register, int Offset)> Saved)
{
    public bool IsLeaf => CfaRegister == Register.RSP && CfaOffset == 8 && Saved.Count == 0;

    public bool Equals(StackRow? other)
    {
        if (other is null || other.CfaRegister != CfaRegister || other.CfaOffset != CfaOffset || other.Saved.Count != Saved.Count)
        {
            return false;
        }

        for (int i = 0; i < Saved.Count; i++)
        {
            if (Saved[i] != other.Saved[i])
            {
                return false;
            }
        }

        return true;
    }

    public override int GetHashCode() => HashCode.Combine(CfaRegister, CfaOffset, Saved.Count);
}

/// <summary>Follows RSP through a block of code, along all of its paths.</summary>
/// <remarks>
/// An instruction that sets RSP to something else than a distance from what it was ends the description: the row is null from there on. Two paths that meet with different
/// frames are an error.
/// </remarks>
internal sealed class StackRows
{
    private static readonly HashSet<Register> s_calleeSaved = [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];

    private readonly IReadOnlyList<Instruction> _instructions;
    private readonly StackRow?[] _rows;
    private readonly bool[] _isReached;
    private readonly Dictionary<ulong, int> _labels = [];
    private readonly Queue<int> _work = new();
    private readonly InstructionInfoFactory _information = new();

    private StackRows(IReadOnlyList<Instruction> instructions)
    {
        _instructions = instructions;
        _rows = new StackRow?[instructions.Count];
        _isReached = new bool[instructions.Count];
        for (int i = 0; i < instructions.Count; i++)
        {
            // The assembler's labels: the instruction at one has the label's number for its address.
            if (instructions[i].IP != 0)
            {
                _labels.TryAdd(instructions[i].IP, i);
            }
        }
    }

    /// <summary>Finds the row of each instruction; null where nothing is known.</summary>
    /// <param name="instructions">The block.</param>
    /// <param name="entries">Where it can be entered from outside: what no path within leads to begins with a function's row.</param>
    /// <param name="entryOffset">Bytes between RSP at these entries and the CFA: 8 after a call.</param>
    public static StackRow?[] Find(IReadOnlyList<Instruction> instructions, IEnumerable<int> entries, int entryOffset)
    {
        var rows = new StackRows(instructions);
        foreach (int entry in entries)
        {
            if (entry < instructions.Count && !rows._isReached[entry])
            {
                rows.Reach(entry, new StackRow(Register.RSP, entryOffset, []));
                rows.Run();
            }
        }

        return rows._rows;
    }

    private void Run()
    {
        while (_work.TryDequeue(out int index))
        {
            Instruction instruction = _instructions[index];
            StackRow? after = _rows[index] is { } row ? After(instruction, row) : null;
            FlowControl flow = instruction.FlowControl;
            if (flow is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && _labels.TryGetValue(instruction.NearBranchTarget, out int target))
            {
                Reach(target, after);
            }

            if (flow is FlowControl.Next or FlowControl.ConditionalBranch or FlowControl.Call or FlowControl.IndirectCall && index + 1 < _instructions.Count)
            {
                Reach(index + 1, after);
            }
        }
    }

    private void Reach(int index, StackRow? row)
    {
        if (_isReached[index])
        {
            if (!Equals(_rows[index], row))
            {
                throw new InvalidDataException($"'{_instructions[index]}' is reached with different frames on the stack");
            }

            return;
        }

        _isReached[index] = true;
        _rows[index] = row;
        _work.Enqueue(index);
    }

    private StackRow? After(in Instruction instruction, StackRow row)
    {
        if (instruction.FlowControl is FlowControl.Call or FlowControl.IndirectCall)
        {
            return row; // it has returned
        }

        Register first = instruction.Op0Register;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push or Mnemonic.Pushfq:
                row = Moved(row, -8);
                return instruction.Mnemonic == Mnemonic.Push && row.CfaRegister == Register.RSP && s_calleeSaved.Contains(first) && IndexOf(row, first) < 0
                    ? row with { Saved = [.. row.Saved, (first, -row.CfaOffset)] }
                    : row;

            case Mnemonic.Pop or Mnemonic.Popfq:
                int index = IndexOf(row, first);
                if (index >= 0 && row.CfaRegister == Register.RSP && row.Saved[index].Offset == -row.CfaOffset)
                {
                    List<(Register, int)> saved = [.. row.Saved];
                    saved.RemoveAt(index);
                    row = row with { Saved = saved };
                }

                return Moved(row, 8);

            case Mnemonic.Add when first == Register.RSP && instruction.Op1Kind != OpKind.Register:
                return Moved(row, (int)instruction.GetImmediate(1));

            case Mnemonic.Sub when first == Register.RSP && instruction.Op1Kind != OpKind.Register:
                return Moved(row, -(int)instruction.GetImmediate(1));

            // From here on RBP keeps the frame: what follows aligns RSP or moves it by what is not known here.
            case Mnemonic.Mov when first == Register.RBP && instruction.Op1Register == Register.RSP && row.CfaRegister == Register.RSP:
                return row with { CfaRegister = Register.RBP };

            case Mnemonic.Mov when first == Register.RSP && instruction.Op1Register == Register.RBP && row.CfaRegister == Register.RBP:
                return row with { CfaRegister = Register.RSP };

            default:
                return Writes(instruction, row.CfaRegister) && !(row.CfaRegister == Register.RBP && first == Register.RSP) ? null : row;
        }
    }

    private bool Writes(in Instruction instruction, Register register)
    {
        foreach (UsedRegister used in _information.GetInfo(instruction).GetUsedRegisters())
        {
            if (used.Register.GetFullRegister() == register && used.Access is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite)
            {
                return true;
            }
        }

        return false;
    }

    private static StackRow Moved(StackRow row, int distance) =>
        row.CfaRegister == Register.RSP ? row with { CfaOffset = row.CfaOffset - distance } : row;

    private static int IndexOf(StackRow row, Register register)
    {
        for (int i = 0; i < row.Saved.Count; i++)
        {
            if (row.Saved[i].Register == register)
            {
                return i;
            }
        }

        return -1;
    }
}
