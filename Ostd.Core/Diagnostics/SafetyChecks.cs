// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Diagnostics;

/// <summary>
/// Whether the framework checks what its clients do. Always, but in the images of <c>osdk bench checks</c>, which counts what it costs: there the checks of the operations that are measured are compiled out.
/// </summary>
internal static class SafetyChecks
{
#if OSTD_UNCHECKED
    /// <summary>False here: a kernel for measurements.</summary>
    [InterruptSafe]
    public static bool AreOn => false;
#else
    /// <summary>A constant for the compiler.</summary>
    [InterruptSafe]
    public static bool AreOn => true;
#endif
}
