// SPDX-License-Identifier: MPL-2.0

using System.Reflection.Metadata;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>
/// Exception filters. They run in the first pass, when the method's frame is not the top of the stack, so a filter is a function of its own. The method keeps its variables in one
/// block, which it puts into a list of the thread; the runtime finds the block by its address in the frame, and passes it to the filter.
/// </summary>
internal sealed partial class MethodImporter
{
    // The block begins with the list's link.
    private const int FrameHeaderSize = 16;

    private bool _hasFilters;
    private int _frameSize = FrameHeaderSize;
    private Clause? _filter;

    /// <summary>Imports a filter's code as a function.</summary>
    private static string ImportFilter(Compilation compilation, MethodDesc method, Clause clause, string symbol)
    {
        var importer = new MethodImporter(compilation, method) { _hasFilters = true };
        importer._filter = importer._il.Clauses[clause.Index];
        importer.DefineArguments();
        importer.DefineLocals();
        importer._writer.Prologue($"br label %{FunctionWriter.BlockLabel(clause.FilterStart)}");
        importer._entrySlots.Add(clause.FilterStart, []);
        try
        {
            importer.ImportFrom(clause.FilterStart);
        }
        catch (CompilationException failure) when (failure.Place is null)
        {
            failure.Place = importer.Place;
            throw;
        }

        return importer._writer.Finish($"define internal i32 {symbol}(ptr %frame, ptr %exception) #0");
    }

    private void EnterFilterFrame()
    {
        _writer.Prologue($"call void {_compilation.Helper("AsterionEnterFilterFrame")}(ptr %frame)");
    }

    private void LeaveFilterFrame()
    {
        if (_hasFilters)
        {
            _writer.Line($"call void {_compilation.Helper("AsterionLeaveFilterFrame")}(ptr %frame)");
        }
    }

    /// <summary>What stands for a clause in the exception tables.</summary>
    private string ClauseSymbol(Clause clause) => clause.Kind == ExceptionRegionKind.Filter
        ? _compilation.FilterSymbol(_method, clause.Index, symbol => ImportFilter(_compilation, _method, clause, symbol))
        : _compilation.CatchSymbol(clause.CatchType!);

    private void EndFilter()
    {
        StackValue verdict = Pop(StackKind.Int32);
        _writer.End($"ret {verdict}");
    }
}
