// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;

namespace Asterion.Compiler.Import;

/// <summary>
/// Exceptions, as LLVM has them: a call in a protected region is an <c>invoke</c>, whose landing pad names all clauses around it, so that the first pass finds the
/// handler by tables alone. The second pass enters the pad with a record of the throw and a selector; a chain of dispatch blocks, one for each clause from the inside
/// out, leads to the handler or through finally blocks on to the caller.
/// A finally block exists once: whoever enters it says in a variable where it goes on.
/// </summary>
internal sealed partial class MethodImporter
{
    private readonly Dictionary<(int Region, string Thrower), string> _throwBlocks = [];
    private readonly HashSet<int> _landingPads = [];
    private readonly SortedSet<int> _openFinallyEnds = [];
    private readonly HashSet<int> _finallyEnds = [];
    private readonly Dictionary<int, List<string>> _continuations = [];

    private const int ResumeUnwinding = 0;

    private static string Variable(string name, int clause) => string.Create(CultureInfo.InvariantCulture, $"%{name}{clause}");

    private void DefineClauses()
    {
        foreach (Clause clause in _il.Clauses)
        {
            _writer.Variable("ptr", Variable("record", clause.Index));
            if (clause.IsFinally)
            {
                _writer.Variable("i32", Variable("selector", clause.Index));
                _writer.Variable("i32", Variable("continue", clause.Index));
                _continuations.Add(clause.Index, []);
            }
        }
    }

    /// <summary>The innermost clause that protects an offset, or null.</summary>
    private Clause? ProtectingClause(int offset) => _filter is not null ? null : _il.Clauses.FirstOrDefault(c => c.ProtectsAt(offset));

    /// <summary>The clause that is asked after another one of the same or an outer region.</summary>
    private Clause? NextClause(Clause clause) => _il.Clauses.FirstOrDefault(c => c.Index > clause.Index && c.TryStart <= clause.TryStart && c.TryEnd >= clause.TryEnd);

    private IEnumerable<Clause> Chain(Clause? clause)
    {
        for (; clause is not null; clause = NextClause(clause))
        {
            yield return clause;
        }
    }

    /// <summary>Writes a call, which unwinds to the landing pad of the current region.</summary>
    /// <param name="call">Type, callee and arguments; fully written.</param>
    private void Call(string call) => WriteCall("", call);

    private string CallValue(string call)
    {
        string name = "%" + _writer.NewLabel("r");
        WriteCall(name + " = ", call);
        return name;
    }

    private void WriteCall(string result, string call)
    {
        Clause? clause = ProtectingClause(_current.Offset);
        if (clause is null)
        {
            _writer.Line($"{result}call {call}");
            return;
        }

        string next = _writer.NewLabel("next");
        _writer.Line($"{result}invoke {call} to label %{next} unwind label %{LandingPad(clause)}");
        _writer.Continue(next);
    }

    private string LandingPad(Clause clause)
    {
        string label = string.Create(CultureInfo.InvariantCulture, $"landing{clause.Index}");
        if (_landingPads.Add(clause.Index))
        {
            var place = _writer.Save();
            _writer.BeginCold(label);
            string clauses = string.Join(" ", Chain(clause).Where(c => !c.IsFinally).Select(c => $"catch ptr {ClauseSymbol(c)}"));
            string cleanup = Chain(clause).Any(c => c.IsFinally) ? " cleanup" : "";
            string pad = _writer.Value($"landingpad {{ ptr, i32 }}{cleanup} {clauses}");
            string record = _writer.Value($"extractvalue {{ ptr, i32 }} {pad}, 0");
            string selector = _writer.Value($"extractvalue {{ ptr, i32 }} {pad}, 1");
            EnterClause(clause, record, selector);
            _writer.Restore(place);
        }

        return label;
    }

    /// <summary>Goes on with the search at a clause; without one, in the caller.</summary>
    private void EnterClause(Clause? clause, string record, string selector)
    {
        if (clause is null)
        {
            string pair = _writer.Value($"insertvalue {{ ptr, i32 }} poison, ptr {record}, 0");
            _writer.End($"resume {{ ptr, i32 }} {_writer.Value($"insertvalue {{ ptr, i32 }} {pair}, i32 {selector}, 1")}");
            return;
        }

        // Handlers start with an empty stack, but for the exception of a catch.
        _writer.Line($"store ptr {record}, ptr {Variable("record", clause.Index)}");
        if (clause.IsFinally)
        {
            _writer.Line($"store i32 {selector}, ptr {Variable("selector", clause.Index)}");
            _writer.Line($"store i32 {ResumeUnwinding}, ptr {Variable("continue", clause.Index)}");
            GoToHandler(clause);
            return;
        }

        string type = ClauseSymbol(clause);
        string id = _writer.Value($"call i32 @llvm.eh.typeid.for.p0(ptr {type})");
        string matches = _writer.Value($"icmp eq i32 {selector}, {id}");
        string handler = _writer.NewLabel("catch");
        string other = _writer.NewLabel("other");
        _writer.End($"br i1 {matches}, label %{handler}, label %{other}");
        _writer.Continue(handler);
        GoToHandler(clause);
        _writer.Continue(other);
        EnterClause(NextClause(clause), record, selector);
    }

    private void GoToHandler(Clause clause)
    {
        _entryStacks.TryAdd(clause.HandlerStart, []);
        _entrySlots.TryAdd(clause.HandlerStart, []);
        _pending.Push(clause.HandlerStart);
        _writer.End($"br label %{FunctionWriter.BlockLabel(clause.HandlerStart)}");
    }

    /// <summary>Puts the exception onto the stack where a catch handler starts.</summary>
    private void EnterHandler(int offset)
    {
        if (_filter is not null)
        {
            if (_filter.FilterStart == offset)
            {
                Push(new StackValue(StackKind.Object, "%exception") { IsNonNull = true });
            }

            return;
        }

        foreach (Clause clause in _il.Clauses)
        {
            if (clause.HandlerStart == offset && !clause.IsFinally)
            {
                Push(new StackValue(StackKind.Object, LoadException(clause)) { Type = clause.CatchType, IsNonNull = true });
            }
        }
    }

    // The record is an object of the runtime, whose first field is the exception.
    private string LoadException(Clause clause)
    {
        string record = _writer.Value($"load ptr, ptr {Variable("record", clause.Index)}");
        string field = _writer.Value($"getelementptr i8, ptr {record}, i64 8");
        return _writer.Value($"load ptr, ptr {field}");
    }

    private void Leave(int offset, int target)
    {
        _stack.Clear();
        Clause[] left = [.. _il.Clauses.Where(c => c.Kind == ExceptionRegionKind.Finally && c.ProtectsAt(offset) && !c.ProtectsAt(target))];
        string next = FunctionWriter.BlockLabel(target);
        PrepareTarget(target);
        if (left.Length == 0)
        {
            _writer.End($"br label %{next}");
            return;
        }

        // Each finally block is told to go on with the next one out.
        for (int i = left.Length - 1; i >= 0; i--)
        {
            List<string> continuations = _continuations[left[i].Index];
            if (!continuations.Contains(next))
            {
                continuations.Add(next);
            }

            _writer.Line($"store i32 {continuations.IndexOf(next) + 1}, ptr {Variable("continue", left[i].Index)}");
            next = FunctionWriter.BlockLabel(left[i].HandlerStart);
        }

        GoToHandler(left[0]);
    }

    private void EndFinally(int offset)
    {
        Clause clause = _il.Clauses.First(c => c.IsFinally && c.HandlesAt(offset));
        _stack.Clear();

        // Where to is known when all ways in have been seen.
        _writer.End($"br label %end.finally{clause.Index}");
        if (_finallyEnds.Add(clause.Index))
        {
            _openFinallyEnds.Add(clause.Index);
        }
    }

    private void FinishFinallyBlocks()
    {
        // What unwinds out of an inner block may be the only way into an outer one.
        while (_openFinallyEnds.Count > 0)
        {
            int index = _openFinallyEnds.Min;
            _openFinallyEnds.Remove(index);
            Clause clause = _il.Clauses[index];
            _writer.BeginCold($"end.finally{index}");
            string way = _writer.Value($"load i32, ptr {Variable("continue", index)}");
            var text = new StringBuilder($"switch i32 {way}, label %unwind.on{index} [");
            for (int i = 0; i < _continuations[index].Count; i++)
            {
                text.Append($" i32 {i + 1}, label %{_continuations[index][i]}");
            }

            _writer.End(text.Append(" ]").ToString());
            _writer.Continue($"unwind.on{index}");
            string record = _writer.Value($"load ptr, ptr {Variable("record", index)}");
            string selector = _writer.Value($"load i32, ptr {Variable("selector", index)}");
            EnterClause(NextClause(clause), record, selector);
            ImportPending();
        }
    }

    private void Rethrow(int offset)
    {
        Clause clause = _il.Clauses.First(c => !c.IsFinally && c.HandlesAt(offset));
        Call($"void {_compilation.Helper("RhpRethrow")}(ptr {LoadException(clause)})");
        _writer.End("unreachable");
    }

    /// <summary>The block that throws one of CoreLib's exceptions, one for each region.</summary>
    private string ThrowBlock(string thrower)
    {
        Clause? clause = ProtectingClause(_current.Offset);
        var key = (clause?.Index ?? -1, thrower);
        if (!_throwBlocks.TryGetValue(key, out string? label))
        {
            _throwBlocks.Add(key, label = _writer.NewLabel("throw"));
            var place = _writer.Save();
            _writer.BeginCold(label);
            Call($"void {_compilation.ThrowHelper(thrower)}()");
            _writer.End("unreachable");
            _writer.Restore(place);
        }

        return label;
    }
}
