// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <content>Where QEMU's virt machine has it.</content>
public static partial class SerialConsole
{
    private const ulong Base = 0x1000_0000;
}
