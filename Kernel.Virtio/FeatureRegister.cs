// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>64 feature bits, of which one register shows the half that another one selects (VIRTIO 1.2, sections 4.1.4.3 and 4.2.2).</summary>
/// <param name="registers">What they are in.</param>
/// <param name="selectOffset">Where the one that selects begins.</param>
/// <param name="bitsOffset">Where the one with the bits begins.</param>
internal sealed class FeatureRegister(IoMem registers, int selectOffset, int bitsOffset)
{
    private readonly IoRegister<uint> _select = registers.Register<uint>(selectOffset);
    private readonly IoRegister<uint> _bits = registers.Register<uint>(bitsOffset);

    /// <summary>Reads both halves.</summary>
    public ulong Read()
    {
        _select.Write(0);
        ulong low = _bits.Read();
        _select.Write(1);
        return low | (ulong)_bits.Read() << 32;
    }

    /// <summary>Writes both halves.</summary>
    public void Write(ulong features)
    {
        _select.Write(0);
        _bits.Write((uint)features);
        _select.Write(1);
        _bits.Write((uint)(features >> 32));
    }
}
