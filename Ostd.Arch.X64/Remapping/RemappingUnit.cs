// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;
using static Ostd.Arch.Remapping.RemappingRegisters;

namespace Ostd.Arch.Remapping;

/// <summary>One DMA remapping unit. Callers take turns: the lock of OSTD's IOMMU goes with it.</summary>
// SAFETY: who makes one vouches that the registers are those of a remapping unit, mapped uncached and for good, length bytes of them; the offsets are checked against it where they come from the unit itself.
internal sealed unsafe class RemappingUnit(byte* registers, ulong length)
{
    // One page of descriptors of 16 bytes; in the page behind it the unit writes how far it is.
    private const int QueueLength = 256;
    private const int DescriptorLength = 16;
    private const int StatusOffset = 4096;

    // Registers change within microseconds; a unit that takes a second is broken.
    private const ulong TimeoutSeconds = 1;

    // Descriptors of the invalidation queue (section 6.5.2).
    private const ulong ContextInvalidation = 1;
    private const ulong TranslationInvalidation = 2;
    private const ulong InterruptEntryInvalidation = 4;
    private const ulong Wait = 5;
    private const ulong WaitWritesStatus = 1 << 5;
    private const ulong GranularityGlobal = 1 << 4;
    private const ulong GranularityDomain = 2 << 4;
    private const ulong GranularityPage = 3 << 4;
    private const ulong InterruptEntrySelective = 1 << 4;
    private const int DomainShift = 16;
    private const int InterruptIndexShift = 32;
    private const int StatusDataShift = 32;

    private byte* _queue;
    private ulong _queueAddress;
    private int _tail;
    private uint _sequence;

    [InterruptSafe]
    private ulong Capabilities => Read64(Capability);

    private ulong ExtendedCapabilities => Read64(ExtendedCapability);

    /// <summary>The unit sees what CPUs have in their caches when it reads tables.</summary>
    public bool IsCoherent => (ExtendedCapabilities & CoherentTables) != 0;

    /// <summary>The unit may remember that something was not mapped.</summary>
    public bool CachesAbsence => (Capabilities & CachingMode) != 0;

    /// <summary>Tables may have four levels.</summary>
    public bool HasFourLevels => (Capabilities & Supports4Levels) != 0;

    /// <summary>Tables may have three levels.</summary>
    public bool HasThreeLevels => (Capabilities & Supports3Levels) != 0;

    /// <summary>Interrupts can be remapped.</summary>
    public bool CanRemapInterrupts => (ExtendedCapabilities & SupportsInterruptRemapping) != 0;

    /// <summary>Why the unit cannot be used; null when it can.</summary>
    public string? Problem =>
        (ExtendedCapabilities & SupportsQueue) == 0 ? "a unit has no invalidation queue"
        : (Capabilities & NeedsWriteBufferFlush) != 0 ? "a unit needs its write buffer flushed"
        : !HasThreeLevels && !HasFourLevels ? "a unit's tables have neither three levels nor four"
        : FaultRecordsEnd > length ? "a unit's fault records are not within its registers"
        : null;

    // Fault recording registers: their offset in units of 16 bytes, and their number less one (section 11.4.2).
    [InterruptSafe]
    private int FaultRecords => (int)(Capabilities >> 24 & 0x3ff) * FaultRecordLength;

    [InterruptSafe]
    private int FaultRecordCount => (int)(Capabilities >> 40 & 0xff) + 1;

    private ulong FaultRecordsEnd => (ulong)FaultRecords + (ulong)(FaultRecordCount * FaultRecordLength);

    private ulong Drain => ((Capabilities & DrainsWrites) != 0 ? 1ul << 6 : 0) | ((Capabilities & DrainsReads) != 0 ? 1ul << 7 : 0);

    /// <summary>Takes the unit from whatever firmware left to empty caches and an own queue.</summary>
    /// <param name="queue">Two pages, filled with zeros.</param>
    /// <param name="queueAddress">Their physical address.</param>
    /// <returns>False when the unit does not answer.</returns>
    public bool TryReset(byte* queue, ulong queueAddress)
    {
        _queue = queue;
        _queueAddress = queueAddress;

        // Section 6.5.2: the queue is turned off last, when nothing uses it any more.
        if (!TryClear(Translation) || !TryClear(RemapInterrupts) || !TryClear(QueuedInvalidation))
        {
            return false;
        }

        Write32(FaultEventControl, FaultEventMask);
        Write64(InvalidationQueueTail, 0);
        Write64(InvalidationQueueAddress, queueAddress);
        return TrySet(QueuedInvalidation, QueuedInvalidation);
    }

    /// <summary>From now on devices reach what the tables map and nothing else.</summary>
    public bool TryTranslate(ulong rootTable)
    {
        // Section 6.6: what was cached under another root table goes, contexts first.
        Write64(RootTableAddress, rootTable);
        return TrySet(SetRootTable, SetRootTable) && TryInvalidateContexts() && TrySubmit(TranslationInvalidation | GranularityGlobal | Drain, 0)
            && TrySet(Translation, Translation);
    }

    /// <summary>From now on interrupts are those of the table and no others: messages in the old format are blocked (section 5.1.4).</summary>
    public bool TryRemapInterrupts(ulong table, int entryCount)
    {
        // The size is the power of two less one (section 11.4.16).
        Write64(InterruptTableAddress, table | (uint)System.Numerics.BitOperations.Log2((uint)entryCount) - 1);
        return TrySet(SetInterruptTable, SetInterruptTable) && TrySubmit(InterruptEntryInvalidation, 0)
            && TryClear(CompatibilityFormat) && TrySet(RemapInterrupts, RemapInterrupts);
    }

    /// <summary>Forgets which functions have tables.</summary>
    public bool TryInvalidateContexts() => TrySubmit(ContextInvalidation | GranularityGlobal, 0);

    /// <summary>Forgets translations of a domain, and waits for accesses that are under way.</summary>
    public bool TryInvalidateDomain(ushort domain) => TrySubmit(TranslationInvalidation | GranularityDomain | Drain | (ulong)domain << DomainShift, 0);

    /// <summary>Forgets one page's translation, and waits for accesses that are under way.</summary>
    public bool TryInvalidatePage(ushort domain, ulong address) => (Capabilities & PageSelectiveInvalidation) == 0
        ? TryInvalidateDomain(domain)
        : TrySubmit(TranslationInvalidation | GranularityPage | Drain | (ulong)domain << DomainShift, address);

    /// <summary>Forgets an entry of the table of interrupts.</summary>
    public bool TryInvalidateInterrupt(int index) => TrySubmit(InterruptEntryInvalidation | InterruptEntrySelective | (ulong)(uint)index << InterruptIndexShift, 0);

    /// <summary>Sets what the unit writes when it has recorded a fault, and unmasks it. These messages are not remapped (section 5.1.7).</summary>
    public void SetFaultMessage(ulong address, uint data)
    {
        Write32(FaultEventData, data);
        Write32(FaultEventAddress, (uint)address);
        Write32(FaultEventUpperAddress, (uint)(address >> 32));
        MaskFaultEvent(false);
    }

    /// <summary>Holds fault interrupts back, or lets them through; what is pending comes then.</summary>
    [InterruptSafe]
    public void MaskFaultEvent(bool isMasked)
    {
        Write32(FaultEventControl, isMasked ? FaultEventMask : 0);
        _ = Read32(FaultEventControl);
    }

    /// <summary>Takes a fault out of the unit's records.</summary>
    /// <returns>False when there is none.</returns>
    [InterruptSafe]
    public bool TryTakeFault(out DmaFault fault)
    {
        uint status = Read32(FaultStatus);
        if ((status & FaultPending) != 0)
        {
            int index = (int)(status >> 8) & 0xff;
            for (int i = 0; i < FaultRecordCount; i++)
            {
                int record = FaultRecords + (index + i) % FaultRecordCount * FaultRecordLength;
                ulong high = Read64(record + 8);
                if ((high & FaultRecordFull) != 0)
                {
                    fault = new DmaFault(Read64(record), (ushort)high, (byte)(high >> 32), (high & FaultRecordIsRead) == 0);
                    Write32(record + 12, (uint)(FaultRecordFull >> 32));
                    return true;
                }
            }
        }

        if ((status & FaultOverflow) != 0)
        {
            Write32(FaultStatus, FaultOverflow);
        }

        fault = default;
        return false;
    }

    // Every request is followed by one that tells when it is done, and waited for: the queue is never full.
    private bool TrySubmit(ulong low, ulong high)
    {
        uint sequence = ++_sequence;
        Put(low, high);
        Put(Wait | WaitWritesStatus | (ulong)sequence << StatusDataShift, _queueAddress + StatusOffset);
        if (!IsCoherent)
        {
            CacheLines.Flush(_queue, QueueLength * DescriptorLength);
        }

        Interlocked.MemoryBarrier();
        Write64(InvalidationQueueTail, (ulong)(_tail * DescriptorLength));
        ulong start = TimeStampCounter.Read();
        while (Volatile.Read(ref *(uint*)(_queue + StatusOffset)) != sequence)
        {
            if ((Read32(FaultStatus) & InvalidationErrors) != 0 || HasTimedOut(start))
            {
                return false;
            }

            Interrupts.SpinHint();
        }

        return true;
    }

    private void Put(ulong low, ulong high)
    {
        // SAFETY: the tail stays within the page of descriptors.
        ulong* descriptor = (ulong*)(_queue + _tail * DescriptorLength);
        descriptor[0] = low;
        descriptor[1] = high;
        _tail = (_tail + 1) % QueueLength;
    }

    private bool TrySet(uint command, uint status)
    {
        Write32(GlobalCommand, Read32(GlobalStatus) & PersistentCommands | command);
        return TryAwait(status, status);
    }

    private bool TryClear(uint command)
    {
        uint status = Read32(GlobalStatus);
        if ((status & command) == 0)
        {
            return true;
        }

        Write32(GlobalCommand, status & PersistentCommands & ~command);
        return TryAwait(command, 0);
    }

    private bool TryAwait(uint mask, uint value)
    {
        ulong start = TimeStampCounter.Read();
        while ((Read32(GlobalStatus) & mask) != value)
        {
            if (HasTimedOut(start))
            {
                return false;
            }

            Interrupts.SpinHint();
        }

        return true;
    }

    private static bool HasTimedOut(ulong start) => TimeStampCounter.Read() - start > TimeStampCounter.FrequencyHz * TimeoutSeconds;

    // Not inlined: of a load whose result is masked the compiler makes a narrower one, which registers do not answer.
    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    private uint Read32(int offset) => Volatile.Read(ref *(uint*)(registers + offset));

    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    private ulong Read64(int offset) => Volatile.Read(ref *(ulong*)(registers + offset));

    [InterruptSafe]
    private void Write32(int offset, uint value) => Volatile.Write(ref *(uint*)(registers + offset), value);

    private void Write64(int offset, ulong value) => Volatile.Write(ref *(ulong*)(registers + offset), value);
}
