// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Memory;

namespace Kernel.Devices;

/// <summary>/dev/random and /dev/urandom: the same generator, seeded before user space starts, so that neither ever blocks (man 4 random, since Linux 5.6).</summary>
[CharacterDevice("random", 1, 8)]
[CharacterDevice("urandom", 1, 9)]
public sealed class RandomDevice(IRandomSource random) : ICharacterDevice
{
    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new File(node, flags, random);

    private sealed class File(Inode inode, OpenFlags flags, IRandomSource random) : DeviceFile(inode, flags)
    {
        private const uint RNDGETENTCNT = 0x80045200;

        /// <summary>Bits that Linux says its pool holds once it is seeded.</summary>
        private const int EntropyBits = 256;

        public override Result<int> Read(ref VmWriter destination)
        {
            Span<byte> chunk = stackalloc byte[256];
            var total = 0;
            while (destination.Remaining > 0)
            {
                var part = chunk[..Math.Min(chunk.Length, destination.Remaining)];
                random.Fill(part);
                var written = destination.Write(part);
                total += written;
                if (written < part.Length)
                {
                    return total > 0 ? total : Errno.EFAULT;
                }

                // Long reads stop for signals, at a page's end like Linux's.
                if (total % 4096 == 0 && CurrentThread.OrNull is { HasDeliverableSignal: true })
                {
                    break;
                }
            }

            return total;
        }

        /// <summary>What is written would be mixed in without being credited; the generator takes its entropy from the hardware alone.</summary>
        public override Result<int> Write(ref VmReader source) => Discard(ref source);

        public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
            => command == RNDGETENTCNT ? new UserPtr<int>(argument).Write(EntropyBits) : Errno.EINVAL;
    }
}
