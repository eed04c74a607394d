// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>What a switch between tasks leaves on a stack: fp and s0 to s8, then the address that it returns to, in a multiple of 16 bytes.</summary>
internal static class SwitchFrame
{
    /// <summary>Place of the address.</summary>
    public const int ReturnAddress = 10;

    /// <summary>Its size, in words.</summary>
    public const int WordCount = 12;
}
