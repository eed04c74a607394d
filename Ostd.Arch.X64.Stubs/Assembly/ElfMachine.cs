// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Arch.X64.Stubs.Assembly;

/// <summary>Architectures in ELF files (gABI, <c>e_machine</c>).</summary>
internal enum ElfMachine : ushort
{
    X64 = 62,
    RiscV = 243,
    LoongArch = 258,
}
