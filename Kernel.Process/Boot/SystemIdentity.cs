// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Ostd.Cpus;

namespace Kernel.Process.Boot;

/// <summary>The names of uname(2). The release is one that programs built for current Linux accept; the version names what it really is.</summary>
[Component(Stage = InitStage.Early)]
public sealed class SystemIdentity : ISystemIdentity
{
    public string SystemName => "Linux";

    public string NodeName { get; set; } = "asterion";

    public string Release => "6.1.0-asterion";

    public string Version => "#1 SMP PREEMPT Asterion";

    public string Machine => Cpu.MachineName;

    public string DomainName { get; set; } = "(none)";
}
