// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Tty;

/// <summary>Makes terminals for drivers, and knows which one is the console.</summary>
[Component]
public sealed class TerminalFactory(Late<ISignalService> signals, Late<ISessionService> sessions) : ITerminalFactory
{
    private readonly TerminalServices _services = new(signals, sessions);
    private readonly SpinLock _lock = new();
    private Terminal[] _terminals = [];

    /// <summary>The console's device, with options that only the early console needs: <c>ttyS0,115200n8</c>. Given more than once, the last one is /dev/console.</summary>
    [KernelParameter("console")]
    public string ConsoleName { get; set; } = "ttyS0";

    /// <summary>Rows of the window that shows the console, which a serial line cannot ask for; 0 for unknown.</summary>
    [KernelParameter("console.rows")]
    public int ConsoleRows { get; set; }

    /// <summary>Columns of the window that shows the console; 0 for unknown.</summary>
    [KernelParameter("console.columns")]
    public int ConsoleColumns { get; set; }

    /// <inheritdoc/>
    public ITerminalLine? Console => ConsoleTerminal;

    /// <summary>Those of drivers, in the order of their making.</summary>
    internal Terminal[] Terminals => Volatile.Read(ref _terminals);

    internal Terminal? ConsoleTerminal
    {
        get
        {
            foreach (var terminal in Volatile.Read(ref _terminals))
            {
                if (IsConsole(terminal.Name))
                {
                    return terminal;
                }
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public ITerminalLine Create(string name, DeviceNumber number, ITerminalDriver driver, ControlModes control)
    {
        var terminal = new Terminal(name, number, driver, _services, control, isPseudo: false);
        if (IsConsole(name))
        {
            terminal.WindowSize = new WindowSize((ushort)ConsoleRows, (ushort)ConsoleColumns, 0, 0);
        }

        using var guard = _lock.Acquire();
        Volatile.Write(ref _terminals, [.. _terminals, terminal]);
        return terminal;
    }

    /// <inheritdoc/>
    public ITerminalLine CreatePseudoTerminal(string name, DeviceNumber number, ITerminalDriver driver)
        => new Terminal(name, number, driver, _services, ControlModes.B38400 | ControlModes.CS8 | ControlModes.CREAD, isPseudo: true);

    private bool IsConsole(string name)
    {
        var comma = ConsoleName.IndexOf(',', StringComparison.Ordinal);
        return ConsoleName.AsSpan(0, comma < 0 ? ConsoleName.Length : comma).SequenceEqual(name);
    }
}
