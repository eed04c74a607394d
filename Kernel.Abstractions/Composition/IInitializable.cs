// SPDX-License-Identifier: MPL-2.0

namespace Kernel.Abstractions.Composition;

/// <summary>
/// A component with work to do once everything is built. A constructor only keeps what it is given; what uses other components, allocates frames
/// or starts tasks belongs here. Stages are initialised in order, and the components of a stage in the order in which they were built,
/// so that what a component depends on is initialised before it.
/// </summary>
public interface IInitializable
{
    /// <summary>Completes the component. An exception here is a bug and panics the kernel.</summary>
    void Initialize();
}
