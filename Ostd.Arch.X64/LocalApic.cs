// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The local APIC of the CPU that calls (SDM volume 3, chapter 11), in xAPIC or x2APIC mode as the firmware left it.</summary>
internal static unsafe class LocalApic
{
    private const ulong EnableBit = 1 << 11;
    private const ulong X2ApicBit = 1 << 10;
    private const uint Masked = 1 << 16;
    private const uint TimerTscDeadline = 2 << 17;

    // Interrupt command register (SDM volume 3, section 11.6.1).
    private const uint DeliveryNonMaskable = 4 << 8;
    private const uint DeliveryInit = 5 << 8;
    private const uint DeliveryStartUp = 6 << 8;
    private const uint SendPending = 1 << 12;
    private const uint LevelAssert = 1 << 14;

    private const int RegisterId = 0x02;
    private const int RegisterTaskPriority = 0x08;
    private const int RegisterEndOfInterrupt = 0x0b;
    private const int RegisterSpurious = 0x0f;
    private const int RegisterCommandLow = 0x30;
    private const int RegisterCommandHigh = 0x31;
    private const int RegisterTimer = 0x32;
    private const int RegisterLint0 = 0x35;
    private const int RegisterLint1 = 0x36;
    private const int RegisterError = 0x37;
    private const int RegisterInitialCount = 0x38;
    private const int RegisterCurrentCount = 0x39;
    private const int RegisterDivide = 0x3e;
    private const uint DivideBy1 = 0x0b;

    private static bool s_isX2Apic;
    private static uint* s_registers;

    /// <summary>CPUs have numbers of 32 bits.</summary>
    public static bool IsX2Apic => s_isX2Apic;

    /// <summary>Number by which interrupts are sent to this CPU.</summary>
    public static uint Id => s_isX2Apic ? Read(RegisterId) : Read(RegisterId) >> 24;

    /// <summary>Turns the APIC on, with all its own interrupt sources masked but the timer's, which is stopped.</summary>
    public static void Initialize()
    {
        ulong apicBase = Msr.Read(Msr.ApicBase);
        if (s_registers == null)
        {
            // The CPU that booted: the others follow it, in its mode. From xAPIC to x2APIC mode there is a way for each, but none back.
            s_isX2Apic = (apicBase & X2ApicBit) != 0;

            // SAFETY: the linear map covers the first 4 GiB, device memory included; the firmware's ranges (MTRR) make this page uncached.
            s_registers = (uint*)PhysicalMap.ToPointer(apicBase & 0x000f_ffff_ffff_f000);
        }

        Msr.Write(Msr.ApicBase, apicBase | EnableBit);
        if (s_isX2Apic)
        {
            Msr.Write(Msr.ApicBase, apicBase | EnableBit | X2ApicBit);
        }

        Write(RegisterTaskPriority, 0);
        Write(RegisterLint0, Masked);
        Write(RegisterLint1, Masked);
        Write(RegisterError, Masked);
        Write(RegisterDivide, DivideBy1);
        Write(RegisterInitialCount, 0);
        Write(RegisterTimer, InterruptVectors.Timer);
        Write(RegisterSpurious, 0x100 | InterruptVectors.Spurious);
    }

    /// <summary>Tells the APIC that the interrupt in service is handled.</summary>
    [InterruptSafe]
    public static void EndOfInterrupt() => Write(RegisterEndOfInterrupt, 0);

    /// <summary>Sends an interrupt to another CPU.</summary>
    [InterruptSafe]
    public static void SendInterrupt(uint targetId, int vector) => SendCommand(targetId, (uint)vector | LevelAssert);

    /// <summary>Sends a non-maskable interrupt to another CPU.</summary>
    [InterruptSafe]
    public static void SendNonMaskable(uint targetId) => SendCommand(targetId, DeliveryNonMaskable | LevelAssert);

    /// <summary>Resets another CPU, which then waits for <see cref="SendStartUp"/>.</summary>
    public static void SendInit(uint targetId) => SendCommand(targetId, DeliveryInit | LevelAssert);

    /// <summary>Makes a CPU that was reset run real-mode code at the start of a page below 1 MiB.</summary>
    public static void SendStartUp(uint targetId, ulong codeAddress) => SendCommand(targetId, DeliveryStartUp | LevelAssert | (uint)(codeAddress >> 12));

    // In xAPIC mode a command is two writes; an interrupt handler that sends one must not come between.
    [InterruptSafe]
    private static void SendCommand(uint targetId, uint command)
    {
        if (s_isX2Apic)
        {
            Msr.Write(Msr.X2ApicFirst + RegisterCommandLow, (ulong)targetId << 32 | command);
            return;
        }

        bool wereEnabled = Interrupts.Disable();
        while ((Read(RegisterCommandLow) & SendPending) != 0)
        {
            Interrupts.SpinHint();
        }

        Write(RegisterCommandHigh, targetId << 24);
        Write(RegisterCommandLow, command);
        Interrupts.Restore(wereEnabled);
    }

    /// <summary>One-shot count-down; 0 stops it.</summary>
    [InterruptSafe]
    public static void StartCount(uint count) => Write(RegisterInitialCount, count);

    /// <summary>What the count-down stands at.</summary>
    public static uint CurrentCount => Read(RegisterCurrentCount);

    /// <summary>Makes the timer compare with the time stamp counter instead of counting down.</summary>
    public static void SelectTscDeadline() => Write(RegisterTimer, TimerTscDeadline | InterruptVectors.Timer);

    // Not inlined: of a load whose result is masked the compiler makes a narrower one, and the registers answer 32 bits alone (SDM volume 3, section 11.4.1).
    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    private static uint Read(int register) =>
        s_isX2Apic ? (uint)Msr.Read(Msr.X2ApicFirst + (uint)register) : System.Threading.Volatile.Read(ref s_registers[register * 4]);

    [InterruptSafe]
    private static void Write(int register, uint value)
    {
        if (s_isX2Apic)
        {
            Msr.Write(Msr.X2ApicFirst + (uint)register, value);
        }
        else
        {
            System.Threading.Volatile.Write(ref s_registers[register * 4], value);
        }
    }
}
