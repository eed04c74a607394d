// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Iced.Intel;

namespace Asterion.Osdk.Audit;

/// <summary>Finds what kernels of this project's compiler must not have: instructions that change x87, MMX or vector registers, which are the user's while the kernel runs.</summary>
internal static class VectorInstructions
{
    // All that touch the registers, but those that save and load them as a whole.
    private static readonly HashSet<CpuidFeature> s_features =
    [
        CpuidFeature.FPU, CpuidFeature.FPU287, CpuidFeature.FPU387, CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2, CpuidFeature.SSE3, CpuidFeature.SSSE3, CpuidFeature.SSE4_1, CpuidFeature.SSE4_2,
        CpuidFeature.AES, CpuidFeature.PCLMULQDQ, CpuidFeature.SHA, CpuidFeature.AVX, CpuidFeature.AVX2, CpuidFeature.FMA, CpuidFeature.F16C, CpuidFeature.AVX512F,
    ];

    /// <summary>Says where they stand.</summary>
    public static IEnumerable<string> Find(ExecutableImage image, StubList stubs) => ImageDisassembler.Instructions(image, stubs)
        .Where(i => i.Mnemonic is not (Mnemonic.INVALID or Mnemonic.Pause or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0 or Mnemonic.Sfence or Mnemonic.Lfence or Mnemonic.Mfence or Mnemonic.Movnti or Mnemonic.Clflush))
        .Where(i => i.CpuidFeatures.Any(s_features.Contains))
        .Select(i => $"{(image.NamesOf(i.IP) is [string name, ..] ? name : "?")} (0x{i.IP:x}): {i.Mnemonic} in a kernel without vector instructions");
}
