// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Profiling;

/// <summary>Runs one command in the guest and samples the kernel from the command's begin to its end.</summary>
internal static class ProfiledRun
{
    /// <summary>Runs it.</summary>
    /// <param name="settings">The machine.</param>
    /// <param name="script">A shell script.</param>
    /// <param name="samplesPerSecond">On the host's clock.</param>
    /// <param name="seconds">The longest time on the host's clock, or null.</param>
    /// <returns>Folded stacks and how often each was seen.</returns>
    public static IReadOnlyDictionary<string, int> Run(MachineSettings settings, string script, int samplesPerSecond, double? seconds)
    {
        string socket = Path.Combine(Path.GetTempPath(), $"osdk-profile-{Environment.ProcessId}.sock");
        settings = settings with { QemuArguments = [.. settings.QemuArguments, "-gdb", $"unix:{socket},server=on,wait=off"] };
        var machine = new GuestMachine(settings);
        machine.Initramfs = Initramfs.Extend(machine.Initramfs, $"initramfs-profile-{Environment.ProcessId}.cpio", cpio =>
        {
            cpio.AddDirectory("osdk");
            cpio.AddDirectory("osdk/steps");
            cpio.AddFile("osdk/steps/run", script, 0b111_101_101);
        });
        var sampler = new StackSampler(socket, new KernelSymbols(machine.KernelFile), samplesPerSecond);
        var thread = new Thread(sampler.Run) { IsBackground = true, Name = "sampler" };
        try
        {
            using var observer = new Observer(sampler, seconds);
            sampler.Failed = observer.Cancel;
            thread.Start();
            MachineEnd end = machine.RunObserved(GuestMachine.NewToken(), observer, "profile.log", observer.Cancellation);
            sampler.End();
            thread.Join();
            if (end.Signal != 0)
            {
                throw new OsdkException("interrupted", end.Log, ExitCodes.Interrupted + end.Signal);
            }
            if (sampler.Trouble is not null)
            {
                throw new OsdkException("sampling failed: " + sampler.Trouble, end.Log);
            }
            if (observer.Status is null && !observer.HasTimedOut)
            {
                throw new OsdkException("the machine stopped before the command had ended", end.Log, ExitCodes.KernelPanic);
            }
            if (observer.Status is > 0)
            {
                throw new OsdkException($"the command left with {observer.Status}: {observer.Output}", end.Log);
            }
            return sampler.Stacks.Count > 0 ? sampler.Stacks : throw new OsdkException("no sample was taken: the command was too short", end.Log);
        }
        finally
        {
            sampler.End();
            File.Delete(machine.Initramfs);
            File.Delete(socket);
        }
    }

    private sealed class Observer(StackSampler sampler, double? seconds) : IGuestObserver, IDisposable
    {
        private readonly CancellationTokenSource _cancellation = new();
        private readonly StringBuilder _output = new();

        public int? Status { get; private set; }

        public bool HasTimedOut => _cancellation.IsCancellationRequested;

        public CancellationToken Cancellation => _cancellation.Token;

        public void Cancel() => _cancellation.Cancel();

        public string Output => _output.ToString();

        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            if (step is not null)
            {
                _output.Append(Encoding.UTF8.GetString(bytes));
            }
        }

        public void OnBegin(string step)
        {
            sampler.IsActive = true;
            if (seconds is { } limit)
            {
                _cancellation.CancelAfter(TimeSpan.FromSeconds(limit));
            }
        }

        public void OnEnd(string step, int status)
        {
            sampler.IsActive = false;
            Status = status;
        }

        public void OnMissing(string program) => throw new OsdkException($"{program}: not found in the guest");

        public void Dispose() => _cancellation.Dispose();
    }
}
