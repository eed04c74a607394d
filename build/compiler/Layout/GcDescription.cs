// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Layout;

/// <summary>
/// The words below a method table that tell the collector where an object's references stand: NativeAOT's GCDesc, as Ostd.Runtime reads it. The last word,
/// at -8, is the count of series.
/// </summary>
internal static class GcDescription
{
    private const int ArrayDataOffset = 16;

    /// <summary>The words in order of address, or none when objects of this type hold no references.</summary>
    public static long[] Of(TypeDesc type, FieldLayout layout, int baseSize)
    {
        if (type is ArrayType array)
        {
            int data = ArrayDataOffset + (array.IsVector ? 0 : array.Rank * 8);
            if (array.Element.IsReference)
            {
                return [-baseSize, data, 1];
            }

            return layout.HasReferences(array.Element) ? Repeated(layout.Get((DefType)array.Element), data) : [];
        }

        var defined = (DefType)type;
        int[] references = layout.Get(defined).References;
        int shift = defined.IsValueType ? FieldLayout.PointerSize : 0;
        List<long> words = [];
        int count = 0;
        foreach ((int start, int length) in Runs(references))
        {
            // The first series stands highest.
            words.InsertRange(0, [(length * FieldLayout.PointerSize) - baseSize, start + shift]);
            count++;
        }

        if (count > 0)
        {
            words.Add(count);
        }

        return [.. words];
    }

    // Runs of { references, bytes to skip }, which repeat to the end of the array.
    private static long[] Repeated(TypeLayout element, int data)
    {
        List<(int Start, int Length)> runs = [.. Runs(element.References)];
        List<long> words = [];
        for (int i = 0; i < runs.Count; i++)
        {
            int end = runs[i].Start + (runs[i].Length * FieldLayout.PointerSize);
            int next = i + 1 < runs.Count ? runs[i + 1].Start : element.Size + runs[0].Start;
            words.Insert(0, (long)(((ulong)(uint)(next - end) << 32) | (uint)runs[i].Length));
        }

        words.AddRange([data + runs[0].Start, -runs.Count]);
        return [.. words];
    }

    private static IEnumerable<(int Start, int Length)> Runs(int[] offsets)
    {
        for (int i = 0; i < offsets.Length;)
        {
            int length = 1;
            while (i + length < offsets.Length && offsets[i + length] == offsets[i] + (length * FieldLayout.PointerSize))
            {
                length++;
            }

            yield return (offsets[i], length);
            i += length;
        }
    }
}
