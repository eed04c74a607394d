// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <content>sstatus.SIE.</content>
public static partial class Interrupts
{
    private const ulong InterruptFlag = InterruptVectors.StatusEnable;
}
