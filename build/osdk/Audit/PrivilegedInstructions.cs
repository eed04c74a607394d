// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using Iced.Intel;

namespace Asterion.Osdk.Audit;

/// <summary>One instruction that must not stand just anywhere.</summary>
internal sealed record SensitiveInstruction(ulong Address, IReadOnlyList<string> Symbols, string Kind);

/// <summary>Finds the instructions with which code could break memory safety or leave its privilege level, in everything that the CPU may execute.</summary>
internal static class PrivilegedInstructions
{
    /// <summary>All of them in an image.</summary>
    /// <param name="image">The linked image.</param>
    /// <param name="stubs">Tells which stubs run in 16- or 32-bit mode.</param>
    public static IEnumerable<SensitiveInstruction> Find(ExecutableImage image, StubList stubs)
    {
        foreach (Instruction instruction in ImageDisassembler.Instructions(image, stubs))
        {
            if (Classify(instruction) is { } kind)
            {
                yield return new SensitiveInstruction(instruction.IP, image.NamesOf(instruction.IP), kind);
            }
        }
    }

    /// <summary>The family of a privileged or sensitive instruction (SDM volume 3, section 2.8 and table 26-1), or null for an ordinary one.</summary>
    private static string? Classify(in Instruction instruction) => instruction.Mnemonic switch
    {
        Mnemonic.INVALID => null,
        Mnemonic.Mov when instruction.Op0Register.IsCR() || instruction.Op1Register.IsCR() => "control-register",
        Mnemonic.Mov when instruction.Op0Register.IsDR() || instruction.Op1Register.IsDR() => "debug-register",
        Mnemonic.Mov or Mnemonic.Pop when instruction.Op0Register.IsSegmentRegister() => "segment-register",
        Mnemonic.Lmsw or Mnemonic.Smsw or Mnemonic.Clts or Mnemonic.Xsetbv => "control-register",
        Mnemonic.Rdmsr or Mnemonic.Wrmsr => "msr",
        Mnemonic.Lgdt or Mnemonic.Lidt or Mnemonic.Lldt or Mnemonic.Ltr or Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str => "descriptor-table",
        Mnemonic.In or Mnemonic.Out or Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd => "port-io",
        Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq or Mnemonic.Sysretq or Mnemonic.Sysret or Mnemonic.Sysexit or Mnemonic.Sysexitq or Mnemonic.Retf => "privilege-return",
        Mnemonic.Swapgs or Mnemonic.Wrgsbase or Mnemonic.Wrfsbase or Mnemonic.Rdgsbase or Mnemonic.Rdfsbase => "segment-base",
        Mnemonic.Invlpg or Mnemonic.Invpcid or Mnemonic.Invd or Mnemonic.Wbinvd or Mnemonic.Wbnoinvd => "tlb-and-cache",
        Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Popf or Mnemonic.Popfd or Mnemonic.Popfq => "interrupt-flag",
        Mnemonic.Hlt or Mnemonic.Monitor or Mnemonic.Mwait => "halt",
        Mnemonic.Stac or Mnemonic.Clac => "smap",
        Mnemonic.Rdpmc or Mnemonic.Vmcall or Mnemonic.Vmxon or Mnemonic.Vmlaunch or Mnemonic.Vmresume or Mnemonic.Vmrun or Mnemonic.Rsm or Mnemonic.Wrpkru => "other-privileged",
        _ => instruction.IsPrivileged ? "other-privileged" : null,
    };
}
