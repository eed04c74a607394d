// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;
using Ostd.Boot;
using Ostd.Logging;

namespace Ostd.Testing;

/// <summary>
/// Runs the tests of an image and powers off. The command line <c>kernel.test</c> runs all, <c>kernel.test=Pipe</c> those whose full name
/// holds the text. Each test leaves a line <c>test NAME: ok</c> or <c>test NAME: FAILED: reason</c>; the last line is <c>N passed, N failed</c>.
/// </summary>
public static class KernelTestRunner
{
    /// <summary>The name of the kernel parameter.</summary>
    public const string Parameter = "kernel.test";

    /// <summary>Runs the tests that the command line asks for, all of them when it does not speak of tests, then powers off with 0 when all passed, else 1.</summary>
    public static void RunAndPowerOff(IKernelTestList tests)
    {
        var filter = "";
        foreach (var word in new CommandLineWords(BootInfo.CommandLine))
        {
            // The last one counts, as everywhere on the command line.
            if (CommandLineWords.TryGetValue(word, Parameter + "=", out var value))
                filter = value.ToString();
        }

        Power.Off(Run(tests, filter) == 0 ? 0 : 1);
    }

    /// <summary>Runs the tests whose name holds <paramref name="filter"/>.</summary>
    /// <returns>The number of tests that failed; one when none matched.</returns>
    public static int Run(IKernelTestList tests, string filter)
    {
        var passed = 0;
        var failed = 0;
        for (var index = 0; index < tests.Count; index++)
        {
            var name = tests.NameOf(index);
            if (!name.Contains(filter, StringComparison.OrdinalIgnoreCase))
                continue;
            if (RunOne(tests, index, name))
                passed++;
            else
                failed++;
        }

        if (passed + failed == 0)
        {
            Log.Write(LogLevel.Error, "no kernel test matches '" + filter + "'");
            failed = 1;
        }

        Log.Write(LogLevel.Alert, Number(passed) + " passed, " + Number(failed) + " failed");
        return failed;
    }

    private static bool RunOne(IKernelTestList tests, int index, string name)
    {
        try
        {
            tests.Run(index);
            Log.Write(LogLevel.Alert, "test " + name + ": ok");
            return true;
        }
        catch (Exception exception)
        {
            // A failed test is what this method is for; the others must still run.
            Log.Write(LogLevel.Alert, "test " + name + ": FAILED: " + exception.Message);
            return false;
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
