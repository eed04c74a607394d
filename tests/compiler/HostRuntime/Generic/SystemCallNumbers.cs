// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>The numbers that Linux's newer architectures share (include/uapi/asm-generic/unistd.h).</summary>
internal static unsafe partial class Host
{
    private const long SystemCallWrite = 64;
    private const long SystemCallExit = 94;
    private const long SystemCallMap = 222;
}
