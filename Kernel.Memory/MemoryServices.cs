// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Ostd.Memory;

namespace Kernel.Memory;

/// <summary>What all address spaces share.</summary>
/// <param name="ZeroFrame">The page of zeros that untouched anonymous memory reads.</param>
/// <param name="SharedMemory">Backs shared anonymous mappings.</param>
/// <param name="FileSystem">Names files for /proc/pid/maps; null in an image without one.</param>
internal sealed record MemoryServices(Frame ZeroFrame, ISharedMemoryFactory SharedMemory, Late<IVirtualFileSystem?> FileSystem);
