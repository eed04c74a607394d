// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty;

/// <summary>What terminals need of other subsystems. Late, since processes hold files, and files may be terminals.</summary>
internal sealed class TerminalServices(Late<ISignalService> signals, Late<ISessionService> sessions)
{
    public ISignalService Signals => signals.Value;

    public ISessionService Sessions => sessions.Value;
}
