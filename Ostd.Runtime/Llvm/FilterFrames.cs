// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The variables of a method with exception filters: a block in its frame, in a list of the thread, innermost first.</summary>
// SAFETY: declares a pointer and follows none.
internal unsafe struct FilterFrame
{
    internal FilterFrame* Outer;
}

/// <summary>
/// The list of those blocks. A method takes its block off when it returns; what an exception leaves behind is taken off when a handler is entered, by address.
/// </summary>
// SAFETY: a block is in the list while its frame stands: entered first thing in the method, left at its end or when an exception drops the frame. Only the task itself changes its list.
internal static unsafe class FilterFrames
{
    [RuntimeExport("AsterionEnterFilterFrame")]
    internal static void Enter(FilterFrame* frame)
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        frame->Outer = (FilterFrame*)thread->FilterFrames;
        thread->FilterFrames = frame;
    }

    [RuntimeExport("AsterionLeaveFilterFrame")]
    internal static void Leave(FilterFrame* frame) => ArchRuntime.GetThread()->FilterFrames = frame->Outer;

    /// <summary>Forgets the blocks of frames that are gone.</summary>
    /// <param name="stack">Stack pointer of the innermost frame that is left.</param>
    internal static void Unwind(nuint stack)
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        while (thread->FilterFrames != null && (nuint)thread->FilterFrames < stack)
        {
            thread->FilterFrames = ((FilterFrame*)thread->FilterFrames)->Outer;
        }
    }

    /// <summary>The block in a frame; null: the frame has none.</summary>
    internal static FilterFrame* Find(nuint low, nuint high)
    {
        FilterFrame* frame = (FilterFrame*)ArchRuntime.GetThread()->FilterFrames;
        while (frame != null && (nuint)frame < low)
        {
            frame = frame->Outer;
        }

        return (nuint)frame < high ? frame : null;
    }
}
