// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <content>CRMD.IE.</content>
public static partial class Interrupts
{
    private const ulong InterruptFlag = 1 << 2;
}
