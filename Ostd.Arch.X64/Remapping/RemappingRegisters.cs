// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Remapping;

/// <summary>Registers of a remapping unit and their bits (Intel VT-d specification 4.0, section 11.4).</summary>
internal static class RemappingRegisters
{
    public const int Capability = 0x08;
    public const int ExtendedCapability = 0x10;
    public const int GlobalCommand = 0x18;
    public const int GlobalStatus = 0x1c;
    public const int RootTableAddress = 0x20;
    public const int FaultStatus = 0x34;
    public const int FaultEventControl = 0x38;
    public const int FaultEventData = 0x3c;
    public const int FaultEventAddress = 0x40;
    public const int FaultEventUpperAddress = 0x44;
    public const int InvalidationQueueTail = 0x88;
    public const int InvalidationQueueAddress = 0x90;
    public const int InterruptTableAddress = 0xb8;

    // Global command and status (sections 11.4.4.1 and 11.4.4.2): the bits are the same in both.
    public const uint Translation = 1u << 31;
    public const uint SetRootTable = 1u << 30;
    public const uint QueuedInvalidation = 1u << 26;
    public const uint RemapInterrupts = 1u << 25;
    public const uint SetInterruptTable = 1u << 24;
    public const uint CompatibilityFormat = 1u << 23;

    /// <summary>What of the status is written back in a command: all but the bits that do something once.</summary>
    public const uint PersistentCommands = 0x96ff_ffff;

    // Capabilities (section 11.4.2).
    public const ulong NeedsWriteBufferFlush = 1ul << 4;
    public const ulong CachingMode = 1ul << 7;
    public const ulong Supports3Levels = 1ul << 9;
    public const ulong Supports4Levels = 1ul << 10;
    public const ulong PageSelectiveInvalidation = 1ul << 39;
    public const ulong DrainsWrites = 1ul << 54;
    public const ulong DrainsReads = 1ul << 55;

    // Extended capabilities (section 11.4.3).
    public const ulong CoherentTables = 1ul << 0;
    public const ulong SupportsQueue = 1ul << 1;
    public const ulong SupportsInterruptRemapping = 1ul << 3;

    // Faults (sections 11.4.9.1 and 11.4.9.2, 11.4.14).
    public const uint FaultOverflow = 1u << 0;
    public const uint FaultPending = 1u << 1;
    public const uint InvalidationErrors = 7u << 4;
    public const uint FaultEventMask = 1u << 31;
    public const int FaultRecordLength = 16;
    public const ulong FaultRecordFull = 1ul << 63;
    public const ulong FaultRecordIsRead = 1ul << 62;
}
