// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using Iced.Intel;

namespace Asterion.Osdk.Audit;

/// <summary>Everything that the CPU may execute of an image, instruction by instruction.</summary>
internal static class ImageDisassembler
{
    /// <summary>Disassembles from symbol to symbol, so that padding or data between two functions cannot shift what follows.</summary>
    /// <param name="image">The linked image.</param>
    /// <param name="stubs">Tells which stubs run in 16- or 32-bit mode.</param>
    public static IEnumerable<Instruction> Instructions(ExecutableImage image, StubList stubs)
    {
        foreach (CodeRange range in image.Code)
        {
            ulong end = range.Address + (ulong)range.Bytes.Length;
            ulong[] starts = [range.Address, .. image.SymbolsIn(range.Address + 1, end), end];
            for (int i = 0; i + 1 < starts.Length; i++)
            {
                byte[] bytes = range.Bytes.Slice((int)(starts[i] - range.Address), (int)(starts[i + 1] - starts[i])).ToArray();
                var decoder = Decoder.Create(stubs.BitsOf(image.NamesOf(starts[i])), bytes, starts[i]);
                while (decoder.IP < starts[i + 1])
                {
                    yield return decoder.Decode();
                }
            }
        }
    }
}
