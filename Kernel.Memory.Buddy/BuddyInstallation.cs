// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Ostd.Memory;

namespace Kernel.Memory.Buddy;

/// <summary>Puts the policy in, before anything else is initialised.</summary>
[Component(Stage = InitStage.Early)]
public sealed class BuddyInstallation : IInitializable
{
    /// <inheritdoc/>
    public void Initialize() => FrameAllocation.Install(new BuddyFrameAllocator());
}
