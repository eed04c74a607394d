// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Threading;
using Kernel.Abstractions;
using Ostd;
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>A device that has no interrupt of its own, but a line.</summary>
internal interface IVirtioLineUser
{
    /// <summary>The line may have risen. In interrupt context; looks once, whatever the device says meanwhile.</summary>
    /// <returns>True when it was this device that wanted something.</returns>
    [InterruptSafe]
    bool HandleInterrupt();
}

/// <summary>An interrupt line that several devices may share.</summary>
internal sealed class VirtioLine(int number, IrqLine line)
{
    // A shared line that is edge-triggered rises no more while one device holds it up: all are asked until none wants anything. One that always does must not hold the CPU.
    private const int MaxRounds = 16;

    // Replaced, never changed, since the interrupt may come meanwhile.
    private IVirtioLineUser[] _users = [];

    /// <summary>Passes a line's interrupts on to one more device.</summary>
    /// <param name="lines">The lines of this kind that are in use.</param>
    /// <param name="number">Which line.</param>
    /// <param name="user">The device.</param>
    /// <param name="acquire">Takes the line when none of the devices before has done so; null when it is somebody else's.</param>
    public static Errno Connect(List<VirtioLine> lines, int number, IVirtioLineUser user, Func<IrqLine?> acquire)
    {
        var line = lines.Find(known => known.Number == number);
        if (line is null)
        {
            if (acquire() is not { } acquired)
            {
                return Errno.EBUSY;
            }

            line = new VirtioLine(number, acquired);
            lines.Add(line);
        }

        line.Add(user);
        return Errno.Success;
    }

    /// <summary>Its number.</summary>
    private int Number => number;

    /// <summary>Passes the line's interrupts on to one more device.</summary>
    public void Add(IVirtioLineUser user)
    {
        Volatile.Write(ref _users, [.. _users, user]);
        line.Enable(static state => ((VirtioLine)state!).Handle(), this);
    }

    [InterruptSafe]
    private void Handle() => Serve(Volatile.Read(ref _users));

    /// <summary>The line has risen.</summary>
    [InterruptSafe]
    internal static void Serve(IVirtioLineUser[] users)
    {
        var isAnyServed = true;
        for (var round = 0; round < MaxRounds && isAnyServed; round++)
        {
            isAnyServed = false;
            foreach (var user in users)
            {
                isAnyServed |= user.HandleInterrupt();
            }
        }
    }
}
