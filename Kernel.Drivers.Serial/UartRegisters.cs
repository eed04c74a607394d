// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Drivers.Serial;

/// <summary>Registers and bits of the 16550 (National Semiconductor PC16550D data sheet, chapter 8).</summary>
internal static class UartRegisters
{
    /// <summary>Ports that a UART takes.</summary>
    public const int PortCount = 8;

    /// <summary>Bytes in each FIFO.</summary>
    public const int FifoBytes = 16;

    /// <summary>Baud rate of divisor 1: a clock of 1.8432 MHz over 16.</summary>
    public const uint BaseBaud = 115200;

    public const int Data = 0;
    public const int InterruptEnable = 1;
    public const int InterruptIdentification = 2;
    public const int FifoControl = 2;
    public const int LineControl = 3;
    public const int ModemControl = 4;
    public const int LineStatus = 5;
    public const int ModemStatus = 6;
    public const int Scratch = 7;

    public const byte EnableReceive = 0x01;
    public const byte EnableTransmit = 0x02;
    public const byte EnableLineStatus = 0x04;

    public const byte NoInterruptPending = 0x01;
    public const byte FifosWork = 0xc0;

    /// <summary>FIFOs on and cleared, receive interrupt at 14 bytes.</summary>
    public const byte FifoSetup = 0xc7;

    /// <summary>Clears the transmit FIFO and leaves the rest as <see cref="FifoSetup"/>.</summary>
    public const byte FifoClearTransmit = 0xc5;

    public const byte LineStopBits = 0x04;
    public const byte LineParity = 0x08;
    public const byte LineEvenParity = 0x10;
    public const byte LineBreak = 0x40;
    public const byte LineDivisorLatch = 0x80;

    public const byte ModemReady = 0x01;
    public const byte ModemRequestToSend = 0x02;
    public const byte ModemOut1 = 0x04;

    /// <summary>OUT2 gates the interrupt line on PCs.</summary>
    public const byte ModemOut2 = 0x08;
    public const byte ModemLoopback = 0x10;

    public const byte StatusDataReady = 0x01;
    public const byte StatusOverrun = 0x02;
    public const byte StatusParity = 0x04;
    public const byte StatusFraming = 0x08;
    public const byte StatusBreak = 0x10;
    public const byte StatusErrors = StatusOverrun | StatusParity | StatusFraming | StatusBreak;
    public const byte StatusTransmitReady = 0x20;
    public const byte StatusTransmitIdle = 0x40;

    public const byte ModemClearToSend = 0x10;
    public const byte ModemDataSetReady = 0x20;
    public const byte ModemRing = 0x40;
    public const byte ModemCarrier = 0x80;
}
