// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;

namespace Asterion.Compiler.Import;

/// <summary>Branches. A condition that is known leaves one way only, and the other is not imported.</summary>
internal sealed partial class MethodImporter
{
    private void ImportBranch(Instruction instruction)
    {
        switch (instruction.OpCode)
        {
            case ILOpCode.Br or ILOpCode.Br_s:
                Jump(instruction.Target);
                break;
            case ILOpCode.Brtrue or ILOpCode.Brtrue_s:
                BranchOnTruth(instruction, true);
                break;
            case ILOpCode.Brfalse or ILOpCode.Brfalse_s:
                BranchOnTruth(instruction, false);
                break;
            case ILOpCode.Switch:
                ImportSwitch(instruction);
                break;
            case ILOpCode.Leave or ILOpCode.Leave_s:
                Leave(instruction.Offset, instruction.Target);
                break;
            case ILOpCode.Endfinally:
                EndFinally(instruction.Offset);
                break;
            case ILOpCode.Endfilter:
                EndFilter();
                break;
            case ILOpCode.Throw:
                StackValue exception = Pop(StackKind.Object);
                CheckNull(exception);
                Call($"void {_compilation.Helper("RhpThrowEx")}({exception})");
                _writer.End("unreachable");
                break;
            case ILOpCode.Rethrow:
                Rethrow(instruction.Offset);
                break;
            default:
                (bool? known, string condition) = Compare(instruction.OpCode);
                Branch(known, condition, instruction);
                break;
        }
    }

    private void BranchOnTruth(Instruction instruction, bool isTrue)
    {
        StackValue value = PopRaw();
        bool? known = value.Constant is { } constant ? constant != 0
            : value is { Kind: StackKind.Object or StackKind.ByRef, IsNonNull: true } || value.TypeOf is not null ? true
            : IsNull(value) ? false
            : null;
        if (known is { } truth)
        {
            Branch(truth == isTrue, "", instruction);
            return;
        }

        value = Materialize(value);
        string zero = value.IrType == "ptr" ? "null" : value.IsFloat ? "0.0" : "0";
        Branch(null, _writer.Value(value.IsFloat ? $"fcmp {(isTrue ? "une" : "oeq")} {value}, 0.0" : $"icmp {(isTrue ? "ne" : "eq")} {value}, {zero}"), instruction);
    }

    private void Branch(bool? known, string condition, Instruction instruction)
    {
        if (known is { } taken)
        {
            Jump(taken ? instruction.Target : instruction.Next);
            return;
        }

        // Further down first: the way that falls through is imported next.
        PrepareTarget(instruction.Target);
        PrepareTarget(instruction.Next);
        _writer.End($"br i1 {condition}, label %{FunctionWriter.BlockLabel(instruction.Target)}, label %{FunctionWriter.BlockLabel(instruction.Next)}");
    }

    private void ImportSwitch(Instruction instruction)
    {
        StackValue value = Pop();
        int[] targets = instruction.SwitchTargets(_il.Code);
        if (value.Constant is { } constant)
        {
            Jump(constant >= 0 && constant < targets.Length ? targets[constant] : instruction.Next);
            return;
        }

        value = ConvertStack(value, StackKind.Int32);
        foreach (int target in targets.Append(instruction.Next))
        {
            PrepareTarget(target);
        }

        var text = new StringBuilder($"switch {value}, label %{FunctionWriter.BlockLabel(instruction.Next)} [");
        for (int i = 0; i < targets.Length; i++)
        {
            text.Append($" i32 {i}, label %{FunctionWriter.BlockLabel(targets[i])}");
        }

        _writer.End(text.Append(" ]").ToString());
    }
}
