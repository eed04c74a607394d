// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using Asterion.Osdk.Commands;
using Asterion.Osdk.Host;

namespace Asterion.Osdk;

/// <summary>Entry point of the development kit: parses the command line and hands over to one command.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // Everything after the first "--" belongs to the guest and is never parsed here, not even "@file" or "-x".
        int separator = Array.IndexOf(args, "--");
        string[] own = separator < 0 ? args : args[..separator];
        string[] guest = separator < 0 ? [] : args[(separator + 1)..];

        // A project has what is its own; the other commands are about the kernel of this repository.
        RootCommand root = Repository.Project is not null
            ? new RootCommand("Builds, boots and tests a project on OSTD.") { RunCommand.Create(guest), BuildCommand.Create(), TestCommand.Create() }
            : new RootCommand("Builds, boots and tests the Asterion kernel.")
        {
            NewCommand.Create(),
            RunCommand.Create(guest),
            BuildCommand.Create(),
            TestCommand.Create(),
            BenchCommand.Create(),
            DebugCommand.Create(guest),
            TortureCommand.Create(),
            ProfileCommand.Create(guest),
            ReportCommand.Create(),
            AuditCommand.Create(),
        };
        ParseResult parsed = root.Parse(own, new ParserConfiguration { ResponseFileTokenReplacer = null });
        try
        {
            // Signals are handled where a child must be taken down (see ChildProcess), so no termination time-out here.
            return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (OsdkException failure)
        {
            Report.Error(failure.Message);
            if (failure.LogFile is not null)
            {
                Report.Note("log: " + failure.LogFile);
            }
            return failure.ExitCode;
        }
    }
}
