// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Fs.Paths;

namespace Kernel.Fs.Files;

/// <summary>File tables and contexts for new processes.</summary>
[Component]
public sealed class ProcessFileState(PathWalker walker) : IProcessFileState
{
    private const int DefaultMask = 0x12;

    /// <inheritdoc/>
    public IFileTable CreateTable() => new FileTable();

    /// <inheritdoc/>
    public IFileSystemContext CreateContext()
    {
        var root = walker.RootPlace.ToPath();
        return new FileSystemContext(root, root, DefaultMask);
    }
}
