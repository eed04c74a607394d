// SPDX-License-Identifier: MPL-2.0

namespace Kernel.Abstractions.Composition;

/// <summary>
/// A component with work to do once every component of its stage has been built.
/// Called exactly once, in the order in which the components of the stage were built.
/// </summary>
public interface IInitializable
{
    /// <summary>Completes the component. An exception here is a bug and panics the kernel.</summary>
    void Initialize();
}
