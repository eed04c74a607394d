// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>A register of 64 bits that is written by halves (VIRTIO 1.2, sections 4.1.3.1 and 4.2.2).</summary>
/// <param name="registers">What it is in.</param>
/// <param name="offset">Where it begins.</param>
internal sealed class HalvedRegister(IoMem registers, int offset)
{
    private readonly IoRegister<uint> _low = registers.Register<uint>(offset);
    private readonly IoRegister<uint> _high = registers.Register<uint>(offset + sizeof(uint));

    /// <summary>Writes it.</summary>
    public void Write(ulong value)
    {
        _low.Write((uint)value);
        _high.Write((uint)(value >> 32));
    }
}
