// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.IL;

/// <summary>One clause of exception handling; ranges are offsets of IL.</summary>
internal sealed class Clause
{
    public required int Index { get; init; }

    public required ExceptionRegionKind Kind { get; init; }

    public required int TryStart { get; init; }

    public required int TryEnd { get; init; }

    public required int HandlerStart { get; init; }

    public required int HandlerEnd { get; init; }

    public required int FilterStart { get; init; }

    /// <summary>What a catch clause catches.</summary>
    public required TypeDesc? CatchType { get; init; }

    public bool IsFinally => Kind is ExceptionRegionKind.Finally or ExceptionRegionKind.Fault;

    public bool ProtectsAt(int offset) => offset >= TryStart && offset < TryEnd;

    public bool HandlesAt(int offset) => offset >= HandlerStart && offset < HandlerEnd;

    public bool FiltersAt(int offset) => Kind == ExceptionRegionKind.Filter && offset >= FilterStart && offset < HandlerStart;
}

/// <summary>A method's body: code, locals, clauses, and the offsets at which its basic blocks start.</summary>
internal sealed class MethodIL
{
    private readonly byte[] _code;

    public MethodIL(MethodDesc method)
    {
        MethodBodyBlock body = method.Definition.GetBody();
        _code = body.GetILBytes() ?? [];
        Scope = new TokenScope(method.Definition.Owner.Module, method.Owner.Arguments, method.Arguments);
        Locals = Scope.GetLocals(body.LocalSignature);
        ZeroesLocals = body.LocalVariablesInitialized;
        int index = 0;
        Clauses = [.. body.ExceptionRegions.Select(r => new Clause
        {
            Index = index++,
            Kind = r.Kind,
            TryStart = r.TryOffset,
            TryEnd = r.TryOffset + r.TryLength,
            HandlerStart = r.HandlerOffset,
            HandlerEnd = r.HandlerOffset + r.HandlerLength,
            FilterStart = r.FilterOffset,
            CatchType = r.Kind == ExceptionRegionKind.Catch ? Scope.GetType(System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(r.CatchType)) : null,
        })];
        Leaders = FindLeaders();
    }

    public ReadOnlySpan<byte> Code => _code;

    public TokenScope Scope { get; }

    public TypeDesc[] Locals { get; }

    public bool ZeroesLocals { get; }

    /// <summary>In the order of metadata: inner ones first.</summary>
    public Clause[] Clauses { get; }

    /// <summary>Where basic blocks start.</summary>
    public HashSet<int> Leaders { get; }

    public IEnumerable<Instruction> Instructions()
    {
        for (int offset = 0; offset < _code.Length;)
        {
            Instruction instruction = Instruction.Read(_code, offset);
            yield return instruction;
            offset = instruction.Next;
        }
    }

    private HashSet<int> FindLeaders()
    {
        HashSet<int> leaders = [0];
        foreach (Instruction instruction in Instructions())
        {
            if (instruction.OpCode == ILOpCode.Switch)
            {
                leaders.UnionWith(instruction.SwitchTargets(_code));
                leaders.Add(instruction.Next);
            }
            else if (instruction.OpCode is (>= ILOpCode.Br_s and <= ILOpCode.Blt_un) or ILOpCode.Leave or ILOpCode.Leave_s)
            {
                leaders.Add(instruction.Target);
                leaders.Add(instruction.Next);
            }
        }

        foreach (Clause clause in Clauses)
        {
            leaders.UnionWith([clause.TryStart, clause.TryEnd, clause.HandlerStart, clause.HandlerEnd]);
            if (clause.Kind == ExceptionRegionKind.Filter)
            {
                leaders.Add(clause.FilterStart);
            }
        }

        return leaders;
    }
}
