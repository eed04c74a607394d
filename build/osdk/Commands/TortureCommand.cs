// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk torture</c>: many rounds of everything at once, each with its own seed.</summary>
internal static class TortureCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How many boots; kernel and guest load in turn", DefaultValueFactory = _ => 20 };
        var seconds = new Option<int>("--seconds") { Description = "How long each load runs, on the guest's clock", DefaultValueFactory = _ => 30 };
        var seed = new Option<int>("--seed") { Description = "The first round's seed; each round adds one", DefaultValueFactory = _ => 1 };
        var command = new Command("torture", "Does everything at once under a collector that is made to run often, and looks for crashes, corruption and leaks.") { rounds, seconds, seed };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "test");
            int failed = 0;
            for (int i = 0; i < result.GetValue(rounds); i++)
            {
                var round = new TortureRound(result.GetValue(seed) + i / 2, result.GetValue(seconds), IsGuestLoad: i % 2 == 1);
                string log = $"torture-{(round.IsGuestLoad ? "guest" : "kernel")}-{round.Seed}.log";
                if (round.Run(settings, log) is { } failure)
                {
                    failed++;
                    Report.Error($"{round.Description}: {failure.Trouble}; log: {failure.Log}");
                }
                else
                {
                    Report.Note($"{round.Description}: ok");
                }
            }
            Console.Out.WriteLine($"{result.GetValue(rounds) - failed} rounds passed, {failed} failed");
            return failed == 0 ? 0 : ExitCodes.Failed;
        });
        return command;
    }
}
