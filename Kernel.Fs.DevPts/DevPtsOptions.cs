// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using Kernel.Abstractions;

namespace Kernel.Fs.DevPts;

/// <summary>Mount options (Linux's Documentation/filesystems/devpts.rst): <c>uid=</c>, <c>gid=</c>, <c>mode=</c>, <c>ptmxmode=</c>, <c>max=</c>, <c>newinstance</c>.</summary>
internal sealed record DevPtsOptions(uint? Uid, uint? Gid, int Mode, int PtmxMode)
{
    /// <summary>Nodes belong to their opener, with mode 0600; the ptmx inside is closed to all.</summary>
    public static DevPtsOptions Default { get; } = new(null, null, 0x180, 0);

    /// <summary>Reads the options.</summary>
    /// <returns>EINVAL for one that is unknown or malformed.</returns>
    public static Result<DevPtsOptions> Parse(string text)
    {
        var options = Default;
        foreach (var word in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? word : word[..equals];
            var value = equals < 0 ? "" : word[(equals + 1)..];
            switch (name)
            {
                case "newinstance" when equals < 0:
                    break;

                case "max" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                    break;

                case "uid" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var uid):
                    options = options with { Uid = uid };
                    break;

                case "gid" when uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var gid):
                    options = options with { Gid = gid };
                    break;

                case "mode" when TryParseOctal(value, out var mode):
                    options = options with { Mode = mode };
                    break;

                case "ptmxmode" when TryParseOctal(value, out var mode):
                    options = options with { PtmxMode = mode };
                    break;

                default:
                    return Errno.EINVAL;
            }
        }

        return options;
    }

    /// <summary>As /proc/mounts shows them.</summary>
    public string ToMountString()
        => (Uid is { } uid ? ",uid=" + uid.ToString(CultureInfo.InvariantCulture) : "")
        + (Gid is { } gid ? ",gid=" + gid.ToString(CultureInfo.InvariantCulture) : "")
        + ",mode=" + Octal(Mode) + ",ptmxmode=" + Octal(PtmxMode);

    private static string Octal(int mode) => string.Create(3, mode, static (span, value) =>
    {
        for (var index = 2; index >= 0; index--, value >>= 3)
        {
            span[index] = (char)('0' + (value & 7));
        }
    });

    private static bool TryParseOctal(string text, out int mode)
    {
        mode = 0;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7' || mode > 0x1ff)
            {
                return false;
            }

            mode = mode << 3 | digit - '0';
        }

        mode &= 0x1ff;
        return text.Length > 0;
    }
}
