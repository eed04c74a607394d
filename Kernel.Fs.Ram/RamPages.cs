// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;

namespace Kernel.Fs.Ram;

/// <summary>The pages of a file in memory: charged to the file system's limit.</summary>
internal sealed class RamPages(RamFileSystem system) : PageCache.PageCache
{
    protected override Errno Charge() => system.ChargePage() ? Errno.Success : Errno.ENOSPC;

    protected override void Uncharge(long pages) => system.UnchargePages(pages);
}
