// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;

namespace Ostd.Runtime;

/// <summary>What CoreLib's dispatcher of exceptions, in programs of ilc, tells of each frame.</summary>
// SAFETY: the thread's newest ExInfo lasts for the call; its context is the throw stub's, filled in before dispatch starts.
internal static unsafe class ExceptionTraceExports
{
    private const int FirstFrame = 1;

    // CoreLib's ClassLibFunctionId.AppendExceptionStackFrame. What it throws (there may be no memory for the addresses) CoreLib catches.
    [RuntimeExport("RuntimeAppendStackFrame")]
    private static void AppendStackFrame(object thrown, nint address, int flags)
    {
        if (thrown is Exception exception)
        {
            bool isFirst = (flags & FirstFrame) != 0;
            ExceptionTrace.TryAppend(exception, address, isFirst, isFirst ? ((ExInfo*)ArchRuntime.GetThread()->ExInfoHead)->Context : null);
        }
    }
}
