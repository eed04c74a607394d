// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Asterion.Osdk.Audit;

/// <summary>Finds the metadata tokens in a method's IL (ECMA-335, III.1.2).</summary>
internal static class IlTokens
{
    // .NET knows the operand of each opcode.
    private static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value & 0xffff, o => o.OperandType);

    /// <summary>The tokens, in order.</summary>
    public static IEnumerable<EntityHandle> In(byte[]? il)
    {
        for (int at = 0; at < il?.Length;)
        {
            int code = il[at++];
            if (code == 0xfe)
            {
                code = 0xfe00 | il[at++];
            }
            OperandType operand = s_operands[code];
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
            {
                yield return MetadataTokens.EntityHandle(BitConverter.ToInt32(il, at));
            }
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                _ => 4,
            };
        }
    }
}
