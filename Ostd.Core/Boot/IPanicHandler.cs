// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Boot;

/// <summary>The kernel's last word in a panic: to show it where a person looks, or to restart the machine (<see cref="Power.Reset"/>) instead of ending it. Injected by <see cref="Panic.Install"/> and not trusted.</summary>
/// <remarks>
/// Called once, when OSTD has printed its report to the early console, with interrupts off and the other CPUs stopped for good, in whatever context the panic came from. It may not allocate or sleep, and finds every
/// lock held that another CPU held: each of these is a panic within the panic, which ends the machine without calling the handler again, as does a return or an exception. An endless loop is not found.
/// </remarks>
public interface IPanicHandler
{
    /// <summary>The machine is about to end.</summary>
    /// <param name="reason">What the panic was called with.</param>
    void OnPanic(string reason);
}
