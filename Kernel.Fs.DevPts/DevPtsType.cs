// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.DevPts;

/// <summary>The file system type devpts.</summary>
[FileSystem("devpts")]
public sealed class DevPtsType(PseudoTerminals terminals) : IFileSystemType
{
    /// <inheritdoc/>
    public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread)
    {
        if (!DevPtsOptions.Parse(options).TryGet(out var parsed, out var error))
        {
            return error;
        }

        terminals.FileSystem.MountOptions = parsed;
        return terminals.FileSystem;
    }
}
