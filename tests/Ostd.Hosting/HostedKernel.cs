// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Time;

namespace Ostd.Hosting;

/// <summary>The boot path of the hosted machine.</summary>
public static class HostedKernel
{
    private static bool s_isStarted;

    /// <summary>Boots, once per process.</summary>
    public static void EnsureStarted()
    {
        if (s_isStarted)
        {
            return;
        }
        s_isStarted = true;
        Clock.Initialize();
        PhysicalMemory.Initialize([new PhysicalRange(0, PhysicalMap.SizeBytes)], []);
        KernelSpace.Initialize(PhysicalMap.SizeBytes);
        TimerQueue.Initialize();
        TlbShootdown.Instance = new HostedTlbShootdown();
    }

    private sealed class HostedTlbShootdown : TlbShootdownMechanism
    {
        public override void FlushUser(VmSpace space, ulong[] pages, int pageCount) => PageTableRegister.FlushEverywhere();

        public override void Detach(VmSpace space) => PageTableRegister.FlushEverywhere();

        public override void FlushKernel(ulong address, ulong length)
        {
        }
    }
}
