// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;

namespace Asterion.Osdk.Host;

/// <summary>
/// A host program that cannot outlive osdk. Three nets, from polite to certain: it is killed when osdk is told to end (SIGINT, SIGTERM,
/// SIGHUP), when its time is up, and by the kernel (PR_SET_PDEATHSIG through setpriv(1)) when osdk itself is killed.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<PosixSignalRegistration> _signals = [];
    private Timer? _deadline;
    private int _timedOut;
    private int _signal;

    private ChildProcess(Process process)
    {
        _process = process;
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>True when the deadline killed it.</summary>
    public bool HasTimedOut => Volatile.Read(ref _timedOut) != 0;

    /// <summary>The number of the signal that osdk itself received while the child ran, or 0.</summary>
    public int ReceivedSignal => Volatile.Read(ref _signal);

    /// <summary>The child's output; only when redirected.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The child's error output; only when redirected.</summary>
    public StreamReader Error => _process.StandardError;

    /// <summary>
    /// Starts a program. The calling thread has to stay alive as long as the child: the parent-death signal is bound to the thread that forks
    /// (prctl(2)). osdk's commands run on the main thread, which does.
    /// </summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, bool redirect, double? timeoutSeconds = null)
    {
        var start = new ProcessStartInfo("setpriv") { RedirectStandardOutput = redirect, RedirectStandardError = redirect, RedirectStandardInput = redirect };
        start.ArgumentList.Add("--pdeathsig");
        start.ArgumentList.Add("KILL");
        start.ArgumentList.Add(program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var child = new ChildProcess(Process.Start(start) ?? throw new OsdkException(program + " did not start"));
        if (redirect)
        {
            child._process.StandardInput.Close();
        }
        if (timeoutSeconds is { } seconds)
        {
            child._deadline = new Timer(_ => child.OnDeadline(), null, TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
        }
        return child;
    }

    /// <summary>Waits for the end and gives the exit status.</summary>
    public int WaitForExit()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Kills the program; does nothing when it has ended.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended in the meantime.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deadline?.Dispose();
        if (!_process.HasExited)
        {
            Kill();
            _process.WaitForExit();
        }
        foreach (PosixSignalRegistration registration in _signals)
        {
            registration.Dispose();
        }
        _process.Dispose();
    }

    private void OnDeadline()
    {
        Volatile.Write(ref _timedOut, 1);
        Kill();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // The signal's own effect is suppressed: the command ends in an orderly way after the child is gone, and reports 128 + signal.
        context.Cancel = true;
        Volatile.Write(ref _signal, NumberOf(context.Signal));
        Kill();
    }

    /// <summary>The signal's number (signal(7)); .NET has numbers of its own.</summary>
    public static int NumberOf(PosixSignal signal) => signal switch { PosixSignal.SIGINT => 2, PosixSignal.SIGHUP => 1, _ => 15 };
}
