// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Hosting;
using Xunit;

// The hosted machine is one per process: its tests take turns.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

internal static class HostTestStart
{
    [ModuleInitializer]
    internal static void Start() => HostedKernel.EnsureStarted();
}
