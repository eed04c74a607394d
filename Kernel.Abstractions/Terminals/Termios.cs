// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kernel.Abstractions.Terminals;

/// <summary>c_iflag (man 3 termios), with the generic values.</summary>
[Flags]
public enum InputModes : uint
{
    None = 0,
    IGNBRK = 0x1,
    BRKINT = 0x2,
    IGNPAR = 0x4,
    PARMRK = 0x8,
    INPCK = 0x10,
    ISTRIP = 0x20,
    INLCR = 0x40,
    IGNCR = 0x80,
    ICRNL = 0x100,
    IUCLC = 0x200,
    IXON = 0x400,
    IXANY = 0x800,
    IXOFF = 0x1000,
    IMAXBEL = 0x2000,
    IUTF8 = 0x4000,
}

/// <summary>c_oflag.</summary>
[Flags]
public enum OutputModes : uint
{
    None = 0,
    OPOST = 0x1,
    OLCUC = 0x2,
    ONLCR = 0x4,
    OCRNL = 0x8,
    ONOCR = 0x10,
    ONLRET = 0x20,
    OFILL = 0x40,
    OFDEL = 0x80,

    /// <summary>Tabs become blanks: all bits of the mask TABDLY; the other tab delays do nothing.</summary>
    XTABS = 0x1800,
}

/// <summary>c_cflag.</summary>
[Flags]
public enum ControlModes : uint
{
    None = 0,

    /// <summary>Mask of the speed; 0 (B0) hangs up.</summary>
    CBAUD = 0x100f,
    B9600 = 0xd,
    B38400 = 0xf,
    B115200 = 0x1002,
    BOTHER = 0x1000,
    CS6 = 0x10,
    CS7 = 0x20,

    /// <summary>Eight bits; also the mask CSIZE (five bits are 0).</summary>
    CS8 = 0x30,
    CSTOPB = 0x40,
    CREAD = 0x80,
    PARENB = 0x100,
    PARODD = 0x200,
    HUPCL = 0x400,
    CLOCAL = 0x800,
    CRTSCTS = 0x80000000,
}

/// <summary>c_lflag.</summary>
[Flags]
public enum LocalModes : uint
{
    None = 0,
    ISIG = 0x1,
    ICANON = 0x2,
    XCASE = 0x4,
    ECHO = 0x8,
    ECHOE = 0x10,
    ECHOK = 0x20,
    ECHONL = 0x40,
    NOFLSH = 0x80,
    TOSTOP = 0x100,
    ECHOCTL = 0x200,
    ECHOPRT = 0x400,
    ECHOKE = 0x800,
    FLUSHO = 0x1000,
    PENDIN = 0x4000,
    IEXTEN = 0x8000,
    EXTPROC = 0x10000,
}

/// <summary>Indexes into c_cc.</summary>
public enum ControlCharacter
{
    VINTR = 0,
    VQUIT = 1,
    VERASE = 2,
    VKILL = 3,
    VEOF = 4,
    VTIME = 5,
    VMIN = 6,
    VSWTC = 7,
    VSTART = 8,
    VSTOP = 9,
    VSUSP = 10,
    VEOL = 11,
    VREPRINT = 12,
    VDISCARD = 13,
    VWERASE = 14,
    VLNEXT = 15,
    VEOL2 = 16,
}

/// <summary>c_cc of the kernel: 19 bytes. A character of 0 (<c>_POSIX_VDISABLE</c>) is disabled.</summary>
[InlineArray(Count)]
public struct ControlCharacters
{
    /// <summary>NCCS of the kernel's structure.</summary>
    public const int Count = 19;

    private byte _first;
}

/// <summary>The kernel's <c>struct termios</c> (36 bytes): what TCGETS and TCSETS carry.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Termios
{
    public InputModes Input;
    public OutputModes Output;
    public ControlModes Control;
    public LocalModes Local;

    /// <summary>c_line: the line discipline, 0 for N_TTY.</summary>
    public byte Line;

    public ControlCharacters Characters;

    /// <summary>One of the special characters.</summary>
    public readonly byte this[ControlCharacter index] => Characters[(int)index];

    /// <summary>True when the mode is on.</summary>
    public readonly bool Has(LocalModes mode) => (Local & mode) != 0;

    /// <summary>True when the mode is on.</summary>
    public readonly bool Has(InputModes mode) => (Input & mode) != 0;

    /// <summary>True when the mode is on.</summary>
    public readonly bool Has(OutputModes mode) => (Output & mode) != 0;

    /// <summary>What a terminal starts with (Linux's tty_std_termios): a cooked, echoing line at 38400 baud.</summary>
    public static Termios CreateDefault()
    {
        var termios = new Termios
        {
            Input = InputModes.ICRNL | InputModes.IXON,
            Output = OutputModes.OPOST | OutputModes.ONLCR,
            Control = ControlModes.B38400 | ControlModes.CS8 | ControlModes.CREAD | ControlModes.HUPCL,
            Local = LocalModes.ISIG | LocalModes.ICANON | LocalModes.ECHO | LocalModes.ECHOE | LocalModes.ECHOK | LocalModes.ECHOCTL | LocalModes.ECHOKE | LocalModes.IEXTEN,
        };
        ReadOnlySpan<byte> characters = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0];
        characters.CopyTo(termios.Characters);
        return termios;
    }
}

/// <summary>The kernel's <c>struct termios2</c> (44 bytes): TCGETS2, TCSETS2; speeds in baud.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct Termios2
{
    public Termios Modes;
    public uint InputSpeed;
    public uint OutputSpeed;
}

/// <summary><c>struct winsize</c> (man 2 ioctl_tty).</summary>
[StructLayout(LayoutKind.Sequential)]
public record struct WindowSize(ushort Rows, ushort Columns, ushort PixelWidth, ushort PixelHeight);
