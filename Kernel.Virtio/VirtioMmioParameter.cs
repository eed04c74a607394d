// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Virtio;

/// <summary>Where a device is, as Linux's parameter <c>virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID]</c> says (Documentation/admin-guide/kernel-parameters.txt).</summary>
/// <param name="Length">Bytes of its registers.</param>
/// <param name="Address">Their physical address.</param>
/// <param name="Irq">Its interrupt.</param>
internal readonly record struct VirtioMmioParameter(int Length, ulong Address, int Irq)
{
    // No device that is known here has more; QEMU's have 512 bytes.
    private const int MaxLength = 1 << 20;

    /// <summary>Reads the parameter's value. Numbers are decimal, octal with a leading 0 or hexadecimal with 0x, sizes may end in K, M or G.</summary>
    /// <returns>False for what is not such a value, or a place that cannot be.</returns>
    public static bool TryParse(string? text, out VirtioMmioParameter parameter)
    {
        parameter = default;
        var rest = text.AsSpan();
        if (!TryTakeNumber(ref rest, out var length) || !TryTake(ref rest, '@') || !TryTakeNumber(ref rest, out var address)
            || !TryTake(ref rest, ':') || !TryTakeNumber(ref rest, out var irq))
        {
            return false;
        }

        // The id is of interest to nobody here; it has to be a number.
        if (rest.Length > 0 && (!TryTake(ref rest, ':') || !TryTakeNumber(ref rest, out _) || rest.Length > 0))
        {
            return false;
        }

        if (length is < VirtioMmioRegisters.Length or > MaxLength || address % sizeof(uint) != 0 || irq > int.MaxValue)
        {
            return false;
        }

        parameter = new VirtioMmioParameter((int)length, address, (int)irq);
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, char separator)
    {
        if (rest.Length == 0 || rest[0] != separator)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<char> rest, out ulong number)
    {
        number = 0;
        uint radix = 10;
        if (rest.Length > 2 && rest[0] == '0' && rest[1] is 'x' or 'X')
        {
            radix = 16;
            rest = rest[2..];
        }
        else if (rest.Length > 1 && rest[0] == '0')
        {
            radix = 8;
        }

        var count = 0;
        while (count < rest.Length && DigitOf(rest[count]) is var digit && digit < radix)
        {
            var high = Math.BigMul(number, radix, out number);
            if (high != 0 || number > ulong.MaxValue - digit)
            {
                return false;
            }

            number += digit;
            count++;
        }

        if (count == 0)
        {
            return false;
        }

        rest = rest[count..];
        var shift = rest.Length == 0 ? 0 : rest[0] switch { 'K' or 'k' => 10, 'M' or 'm' => 20, 'G' or 'g' => 30, _ => 0 };
        if (shift > 0)
        {
            rest = rest[1..];
            if (number > ulong.MaxValue >> shift)
            {
                return false;
            }

            number <<= shift;
        }

        return true;
    }

    private static uint DigitOf(char character) => character switch
    {
        >= '0' and <= '9' => (uint)(character - '0'),
        >= 'a' and <= 'f' => (uint)(character - 'a' + 10),
        >= 'A' and <= 'F' => (uint)(character - 'A' + 10),
        _ => uint.MaxValue,
    };
}
