// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;

namespace Kernel.Fs.Ram;

/// <summary>The pages of a file in memory: charged to the file system's limit, and sealed as the file is.</summary>
internal sealed class RamPages(RamFile file) : PageCache.PageCache
{
    protected override Errno Charge() => file.System.ChargePage() ? Errno.Success : Errno.ENOSPC;

    protected override void Uncharge(long pages) => file.System.UnchargePages(pages);

    protected override Errno CheckWrite(long offset, long length) => file.CheckWrite(offset, length);

    protected override Errno CheckResize(long oldLength, long newLength) => file.CheckResize(oldLength, newLength);
}
