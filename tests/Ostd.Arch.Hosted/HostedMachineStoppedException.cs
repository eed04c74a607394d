// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The hosted machine was powered off: by a test, or by a panic, whose text is on the serial console.</summary>
public sealed class HostedMachineStoppedException(int exitCode) : Exception("The machine was powered off with code " + exitCode + ": " + SerialConsole.LastLines)
{
    /// <summary>What went to <see cref="PowerControl.Off"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
