// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Logging;
using Ostd.Memory;

namespace Kernel.Devices;

/// <summary>/dev/kmsg for writing: each write is a message of the kernel's log (Linux's Documentation/ABI/testing/dev-kmsg). Reading the log is syslog(2)'s business here, so opening for reading is refused.</summary>
[CharacterDevice("kmsg", 1, 11, Mode = 0x1a4)]
public sealed class KernelMessageDevice : ICharacterDevice
{
    /// <summary>Longest message (LOG_LINE_MAX).</summary>
    private const int MaxMessageBytes = 992;

    /// <inheritdoc/>
    /// <returns>EPERM without CAP_SYS_ADMIN, EINVAL for reading.</returns>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
    {
        if ((flags & OpenFlags.O_ACCMODE) != OpenFlags.O_WRONLY)
        {
            return Errno.EINVAL;
        }

        return thread is null || thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN) ? new File(node, flags) : Errno.EPERM;
    }

    private sealed class File(Inode inode, OpenFlags flags) : DeviceFile(inode, flags)
    {
        public override Result<int> Write(ref VmReader source)
        {
            var wanted = source.Remaining;
            if (wanted > MaxMessageBytes)
            {
                return Errno.EINVAL;
            }

            Span<byte> text = stackalloc byte[MaxMessageBytes];
            var count = source.Read(text[..wanted]);
            if (count < wanted)
            {
                return Errno.EFAULT;
            }

            ReadOnlySpan<byte> message = text[..count];
            var level = TakeLevel(ref message);
            Log.Write(level, Encoding.Latin1.GetString(message.TrimEnd((byte)'\n')));
            return wanted;
        }

        /// <summary>A prefix <c>&lt;N&gt;</c>: severity in the lower three bits, facility above.</summary>
        private static LogLevel TakeLevel(ref ReadOnlySpan<byte> message)
        {
            var close = message.IndexOf((byte)'>');
            if (close is < 2 or > 5 || message[0] != (byte)'<'
                || !System.Buffers.Text.Utf8Parser.TryParse(message[1..close], out int priority, out var used) || used != close - 1)
            {
                return LogLevel.Warning;
            }

            message = message[(close + 1)..];
            return (LogLevel)(priority & 7);
        }
    }
}
