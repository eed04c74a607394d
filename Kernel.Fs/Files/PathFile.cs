// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Files;

/// <summary>A file opened with O_PATH: a place, good for *at() calls, fstat and fchdir only. The calls that need more answer EBADF by its flags.</summary>
internal sealed class PathFile(Inode inode, OpenFlags flags) : OpenFile(inode, flags);
