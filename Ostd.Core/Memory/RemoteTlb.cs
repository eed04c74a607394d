// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using System.Threading;
using Ostd.Arch;
using Ostd.Cpus;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <summary>
/// TLB shootdown by interrupts. Who changed tables fills its CPU's <see cref="FlushRequest"/>, leaves its bit in the mailboxes of those that may hold translations, and waits until each has
/// taken its own bit out of the request. While it waits it answers the requests of others.
/// </summary>
/// <remarks>
/// Which CPUs may hold translations of a user space: those in <see cref="VmSpace.LoadedCpus"/>. A CPU puts its bit there, by an interlocked operation, before it loads the root. Who
/// changes an entry reads the mask after a full fence: either it sees the bit, or the CPU's loads of entries come after the change.
/// </remarks>
internal sealed class RemoteTlb : TlbShootdownMechanism
{
    // Above so many kernel pages everything is flushed.
    private const int KernelPageLimit = 32;

    // One for each CPU, of which it has at most one in the air: who waits is not preempted, and interrupt handlers change no tables.
    private static FlushRequest[] s_requests = null!;

    /// <summary>Prepares the requests, and lets flushes reach other CPUs from now on.</summary>
    public static void Initialize(int cpuCount)
    {
        s_requests = new FlushRequest[cpuCount];
        for (int cpu = 0; cpu < cpuCount; cpu++)
        {
            s_requests[cpu] = new FlushRequest();
        }

        TlbShootdown.Instance = new RemoteTlb();
    }

    /// <inheritdoc/>
    public override void FlushUser(VmSpace space, ulong[] pages, int pageCount)
    {
        FlushRequest request = s_requests[ThisCpu.Id];
        request.Pages = pages;
        request.PageCount = pageCount;
        SendForSpace(request, FlushKind.User, space);
    }

    /// <inheritdoc/>
    public override void Detach(VmSpace space) => SendForSpace(s_requests[ThisCpu.Id], FlushKind.Detach, space);

    /// <inheritdoc/>
    public override void FlushKernel(ulong address, ulong length)
    {
        ulong targets = Cpu.OnlineMask & ~(1ul << ThisCpu.Id);
        FlushRequest request = s_requests[ThisCpu.Id];
        request.Kind = FlushKind.Kernel;
        request.Start = address;
        request.Length = length;
        SendAndWait(request, targets);
    }

    /// <summary>Carries out what other CPUs ask of the one that calls. With interrupts off.</summary>
    [InterruptSafe]
    public static void AnswerRequests()
    {
        int me = ThisCpu.Id;
        Mailbox mailbox = InterProcessor.MailboxOf(me);
        if (Volatile.Read(ref mailbox.Flushers) == 0)
        {
            return;
        }

        for (ulong rest = (ulong)Interlocked.Exchange(ref mailbox.Flushers, 0); rest != 0; rest &= rest - 1)
        {
            FlushRequest request = s_requests[BitOperations.TrailingZeroCount(rest)];
            CarryOut(request);
            Interlocked.And(ref request.Waiting, ~(1L << me));
        }
    }

    private static void SendForSpace(FlushRequest request, FlushKind kind, VmSpace space)
    {
        Interlocked.MemoryBarrier(); // the remarks on the class
        ulong targets = space.LoadedCpus & ~(1ul << ThisCpu.Id);
        if (targets == 0)
        {
            return;
        }

        request.Kind = kind;
        request.Space = space;
        SendAndWait(request, targets);
        request.Space = null;
    }

    [InterruptSafe]
    private static void SendAndWait(FlushRequest request, ulong targets)
    {
        Interlocked.Exchange(ref request.Waiting, (long)targets);
        World.BeginRequest();
        InterProcessor.RequestFlush(targets);
        while (Volatile.Read(ref request.Waiting) != 0)
        {
            World.Poll();
            Interrupts.SpinHint();
        }

        World.EndRequest();
    }

    [InterruptSafe]
    private static void CarryOut(FlushRequest request)
    {
        switch (request.Kind)
        {
            case FlushKind.Detach:
                VmSpace.LeaveIfLoaded(request.Space!);
                break;
            case FlushKind.User when VmSpace.LeaveIfLazy(request.Space!) || !request.Space!.IsLoaded:
                break;
            case FlushKind.User when request.PageCount <= request.Pages.Length:
                foreach (ulong page in request.Pages.AsSpan(0, request.PageCount))
                {
                    PageTableRegister.FlushPage(page);
                }

                break;
            case FlushKind.User:
                PageTableRegister.FlushUser();
                break;
            case FlushKind.Kernel when request.Length >> Paging.PageShift <= KernelPageLimit:
                for (ulong done = 0; done < request.Length; done += (uint)Paging.PageSizeBytes)
                {
                    PageTableRegister.FlushPage(request.Start + done);
                }

                break;
            default:
                PageTableRegister.FlushAll();
                break;
        }
    }
}

/// <summary>What is to be flushed.</summary>
internal enum FlushKind
{
    /// <summary>Pages of a user space.</summary>
    User,

    /// <summary>All of a user space, for good.</summary>
    Detach,

    /// <summary>A range of the kernel's half.</summary>
    Kernel,
}

/// <summary>One CPU's request to others. Written by that CPU before it is sent; not changed until <see cref="Waiting"/> is 0.</summary>
internal sealed class FlushRequest
{
    public FlushKind Kind;
    public VmSpace? Space;
    public ulong[] Pages = [];
    public int PageCount;
    public ulong Start;
    public ulong Length;

    /// <summary>CPUs, bit by bit, that have not carried it out.</summary>
    public long Waiting;
}
