// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>What a switch between tasks leaves on a stack: six registers that calls preserve, then the address that it returns to.</summary>
internal static class SwitchFrame
{
    /// <summary>Place of the address.</summary>
    public const int ReturnAddress = 6;

    /// <summary>Its size, in words.</summary>
    public const int WordCount = 7;
}
