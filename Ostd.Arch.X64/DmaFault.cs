// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>An access or an interrupt of a device that was blocked.</summary>
/// <param name="Information">The page's address; of an interrupt, its index in the topmost 16 bits.</param>
/// <param name="Source">Bus, device and function.</param>
/// <param name="Reason">The hardware's number for why.</param>
/// <param name="IsWrite">The device wanted to write.</param>
[method: InterruptSafe]
public readonly record struct DmaFault(ulong Information, ushort Source, byte Reason, bool IsWrite)
{
    /// <summary>An interrupt was blocked, and no access (Intel VT-d specification 4.0, section 7.1.3: reasons 20h to 27h).</summary>
    [InterruptSafe]
    public bool IsInterrupt => Reason is >= 0x20 and < 0x28;

    /// <summary>The reason in words (VT-d specification 4.0, sections 7.1.3 and 7.2.3).</summary>
    [InterruptSafe]
    public string Description => Reason switch
    {
        0x01 or 0x02 => "the function may not access memory",
        0x05 => "not writable",
        0x06 => "not readable",
        0x04 or 0x07 => "beyond what can be mapped",
        0x03 or (>= 0x08 and <= 0x0d) => "a broken table",
        0x20 => "a reserved field in the interrupt request",
        0x21 => "no such interrupt",
        0x22 => "the interrupt is not in use",
        0x25 => "an interrupt in compatibility format",
        0x26 => "another function's interrupt",
        _ => "another reason",
    };
}
