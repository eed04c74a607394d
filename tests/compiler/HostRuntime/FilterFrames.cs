// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The variables of a method with exception filters: a block in its frame, in a list of the thread, innermost first.</summary>
internal unsafe struct FilterFrame
{
    internal FilterFrame* Outer;
}

/// <summary>
/// The list of those blocks. A method takes its block off when it returns; what an exception leaves behind is taken off when a handler is entered, by address.
/// </summary>
internal static unsafe class FilterFrames
{
    private static FilterFrame* s_innermost;

    [RuntimeExport("AsterionEnterFilterFrame")]
    internal static void Enter(FilterFrame* frame)
    {
        frame->Outer = s_innermost;
        s_innermost = frame;
    }

    [RuntimeExport("AsterionLeaveFilterFrame")]
    internal static void Leave(FilterFrame* frame) => s_innermost = frame->Outer;

    /// <summary>Forgets the blocks of frames that are gone.</summary>
    /// <param name="stack">Stack pointer of the innermost frame that is left.</param>
    internal static void Unwind(nuint stack)
    {
        while (s_innermost != null && (nuint)s_innermost < stack)
        {
            s_innermost = s_innermost->Outer;
        }
    }

    /// <summary>The block in a frame; null: the frame has none.</summary>
    internal static FilterFrame* Find(nuint low, nuint high)
    {
        FilterFrame* frame = s_innermost;
        while (frame != null && (nuint)frame < low)
        {
            frame = frame->Outer;
        }

        return (nuint)frame < high ? frame : null;
    }
}
