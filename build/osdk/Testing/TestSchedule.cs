// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>
/// Runs suites side by side, as many as the host has processors for. They start in the order in which they were added; one that does not fit keeps those behind it waiting, so that a suite that needs many gets
/// its turn.
/// </summary>
/// <param name="settings">The machine, but for its number of CPUs and the IOMMU.</param>
/// <param name="filter">Which tests are run.</param>
internal sealed class TestSchedule(MachineSettings settings, TestFilter filter)
{
    private readonly Lock _lock = new();
    private readonly Queue<(ITestSuite Suite, MachineSettings Machine, int Processors)> _waiting = [];
    private readonly TestResults _results = new();
    private ExceptionDispatchInfo? _failure;
    private readonly int _processors = Environment.ProcessorCount;

    /// <summary>Adds a suite.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="cpus">How many CPUs its machines have.</param>
    /// <param name="load">How many processors of the host it keeps busy. Most tests do one thing at a time, on however many CPUs.</param>
    /// <param name="on">What its machines have in spite of the settings.</param>
    public void Add(ITestSuite suite, int cpus, int load = 1, Func<MachineSettings, MachineSettings>? on = null) =>
        _waiting.Enqueue((suite, (on is null ? settings : on(settings).Complete()) with { Cpus = cpus }, Math.Min(load, _processors)));

    /// <summary>Runs them all and prints the summary.</summary>
    /// <returns>0 when all is well.</returns>
    public int Run()
    {
        var watch = Stopwatch.StartNew();
        PosixSignalRegistration[] signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];
        var free = new SemaphoreSlim(_processors, _processors);
        var threads = new List<Thread>();
        while (_waiting.TryDequeue(out (ITestSuite Suite, MachineSettings Machine, int Processors) next))
        {
            for (int i = 0; i < next.Processors; i++)
            {
                free.Wait();
            }
            if (_failure is not null)
            {
                break;
            }
            // A thread of its own: the programs that a suite starts end with the thread that started them (ChildProcess).
            var thread = new Thread(() =>
            {
                Run(next.Suite, next.Machine);
                free.Release(next.Processors);
            });
            thread.Start();
            threads.Add(thread);
        }
        threads.ForEach(thread => thread.Join());
        Array.ForEach(signals, signal => signal.Dispose());
        _failure?.Throw();
        return _results.Conclude(watch.Elapsed);
    }

    // What runs ends because its programs are told to end too (ChildProcess); nothing new is begun.
    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Stop(ExceptionDispatchInfo.Capture(new OsdkException("interrupted", exitCode: ExitCodes.Interrupted + ChildProcess.NumberOf(context.Signal))));
    }

    private void Stop(ExceptionDispatchInfo failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
        }
    }

    private void Run(ITestSuite suite, MachineSettings machine)
    {
        var watch = Stopwatch.StartNew();
        var run = new TestRun(machine, filter, _results);
        try
        {
            suite.Run(run);
        }
        catch (OsdkException failure) when (failure.ExitCode < ExitCodes.Interrupted)
        {
            run.Fail(suite.Name, failure.Message, failure.LogFile);
        }
#pragma warning disable CA1031 // It ends the run, in the thread that waits for this one.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Stop(ExceptionDispatchInfo.Capture(failure));
        }
        if (run.ResultCount > 0)
        {
            run.Note($"{suite.Name}{run.MachineMark}: {watch.Elapsed.TotalSeconds:F0} s");
        }
    }
}
