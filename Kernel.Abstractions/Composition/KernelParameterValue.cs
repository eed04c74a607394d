// SPDX-License-Identifier: MPL-2.0

using System;
using System.Globalization;

namespace Kernel.Abstractions.Composition;

/// <summary>How the text of a kernel parameter becomes a value, after Linux' <c>memparse</c> and <c>kstrtobool</c>.</summary>
public static class KernelParameterValue
{
    /// <summary>
    /// An integer: decimal, <c>0x</c> hexadecimal or <c>0</c> octal, with an optional sign and an optional suffix K, M, G or T (powers of 1024).
    /// </summary>
    public static bool TryParseInteger(string? text, out long value)
    {
        value = 0;
        if (string.IsNullOrEmpty(text))
            return false;

        var digits = text.AsSpan();
        var isNegative = digits[0] == '-';
        if (digits[0] is '-' or '+')
            digits = digits[1..];
        if (digits.IsEmpty)
            return false;

        var shift = digits[^1] switch { 'k' or 'K' => 10, 'm' or 'M' => 20, 'g' or 'G' => 30, 't' or 'T' => 40, _ => 0 };
        if (shift != 0)
            digits = digits[..^1];

        ulong magnitude;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            if (!ulong.TryParse(digits[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out magnitude))
                return false;
        }
        else if (digits.Length > 1 && digits[0] == '0')
        {
            if (!TryParseOctal(digits, out magnitude))
                return false;
        }
        else if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out magnitude))
        {
            return false;
        }

        if (magnitude > (ulong)long.MaxValue >> shift)
            return false;
        value = (long)(magnitude << shift);
        if (isNegative)
            value = -value;
        return true;
    }

    /// <summary>A truth value: <c>1 y yes t true on</c> or the name alone, and <c>0 n no f false off</c>.</summary>
    public static bool TryParseBoolean(string? text, out bool value)
    {
        switch (text)
        {
            case null or "" or "1" or "y" or "Y" or "yes" or "t" or "true" or "on":
                value = true;
                return true;
            case "0" or "n" or "N" or "no" or "f" or "false" or "off":
                value = false;
                return true;
            default:
                value = false;
                return false;
        }
    }

    private static bool TryParseOctal(ReadOnlySpan<char> digits, out ulong value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || value >> 61 != 0)
                return false;
            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}
