// SPDX-License-Identifier: MPL-2.0

using Asterion.Compiler.Cases;
using Ostd.Runtime;

namespace Asterion.Compiler.Tests;

/// <summary>Runs the case that is named, or lists their names.</summary>
internal static class Program
{
    private const int UnknownCase = 2;

    private static int Main(string[] arguments)
    {
        var output = new ConsoleOutput();
        if (arguments.Length == 1 && arguments[0] == "--unhandled")
        {
            FailUnhandled(output);
        }

        if (arguments.Length == 1 && arguments[0] == "--native")
        {
            NativeCalls.Run(output.Line);
            return 0;
        }

        foreach (Case each in CaseList.All)
        {
            if (arguments.Length == 0)
            {
                output.Line(each.Name);
            }
            else if (each.Name == arguments[0])
            {
                each.Body(output);
                return 0;
            }
        }

        return arguments.Length == 0 ? 0 : UnknownCase;
    }

    private static void FailUnhandled(ConsoleOutput output)
    {
        try
        {
            output.Line("before");
            throw new System.InvalidOperationException("nobody catches this");
        }
        finally
        {
            output.Line("a finally block ran");
        }
    }

    private sealed class ConsoleOutput : Output
    {
        public override void Line(string text) => HostConsole.Write(text + "\n");
    }
}
