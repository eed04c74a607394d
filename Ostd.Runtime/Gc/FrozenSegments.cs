// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>
/// Objects that the compiler put into the image (literals, preinitialised statics). They live for ever and are never marked, but their fields may be
/// written, so what they refer to is reachable.
/// </summary>
// SAFETY: a segment is data of the image or memory that CoreLib keeps while it is registered, filled with whole objects up to End or a
// null word. CoreLib changes the list on the boot task or under its frozen heap's lock, and every change is one store, so a collection
// sees a whole list.
internal static unsafe class FrozenSegments
{
    private struct Segment
    {
        internal Segment* Next;
        internal byte* Start;
        internal byte* End;
    }

    private static Segment* s_first;

    // Where marking step by step stands.
    private static Segment* s_markSegment;
    private static byte* s_markObject;
    private static nuint s_markWord;

    [NoAlloc]
    internal static void MarkAll(CpuHeap* cpu)
    {
        Begin();
        while (MarkStep(cpu, int.MaxValue))
        {
        }
    }

    /// <summary>Begins to mark. What is stored into frozen objects later is shaded then.</summary>
    [NoAlloc]
    internal static void Begin()
    {
        s_markWord = ArchRuntime.ImageTable()->RootsStart;
        Enter(s_first);
    }

    /// <summary>Marks what some of the objects refer to.</summary>
    /// <returns>False when there was none left.</returns>
    [NoAlloc]
    internal static bool MarkStep(CpuHeap* cpu, int objects)
    {
        if (MarkWords(cpu, objects))
        {
            return true;
        }

        Segment* segment = s_markSegment;
        if (segment == null)
        {
            return false;
        }

        byte* o = s_markObject;
        for (; objects > 0 && o + 8 <= segment->End; objects--)
        {
            MethodTable* type = ObjectLayout.TypeOf(o);
            if (type == null)
            {
                break;
            }

            if (type->ContainsPointers)
            {
                objects -= GcDescriptor.MarkReferences(cpu, o, type);
            }

            o += ObjectLayout.SizeOf(o, type);
        }

        if (objects <= 0)
        {
            s_markObject = o;
        }
        else
        {
            Enter(segment->Next);
        }

        return true;
    }

    // The image's own variables and objects with references, where its compiler put them into a section: looked through word by word.
    [NoAlloc]
    private static bool MarkWords(CpuHeap* cpu, int words)
    {
        nuint end = ArchRuntime.ImageTable()->RootsEnd;
        if (s_markWord >= end)
        {
            return false;
        }

        nuint next = (nuint)words < (end - s_markWord) / 8 ? s_markWord + (nuint)words * 8 : end;
        Marker.MarkRange(cpu, s_markWord, next);
        s_markWord = next;
        return true;
    }

    [NoAlloc]
    private static void Enter(Segment* segment)
    {
        s_markSegment = segment;
        s_markObject = segment == null ? null : segment->Start + ObjectLayout.HeaderSize;
    }

    [RuntimeExport("RhRegisterFrozenSegment")]
    private static nint Register(byte* start, nuint allocatedSize, nuint committedSize, nuint reservedSize)
    {
        Segment* segment = (Segment*)NativeHeap.AllocateZeroed((nuint)sizeof(Segment));
        if (segment != null)
        {
            segment->Start = start;
            segment->End = start + allocatedSize;
            segment->Next = s_first;
            s_first = segment;
        }

        return (nint)segment;
    }

    [RuntimeExport("RhUpdateFrozenSegment")]
    private static void Update(nint segment, byte* allocated, byte* committed) => ((Segment*)segment)->End = allocated;

    [RuntimeExport("RhUnregisterFrozenSegment")]
    private static void Unregister(nint handle)
    {
        Segment* next = ((Segment*)handle)->Next;
        Segment* previous = null;
        for (Segment* segment = s_first; segment != null; segment = segment->Next)
        {
            if (segment == (Segment*)handle)
            {
                if (s_markSegment == segment)
                {
                    Enter(next);
                }

                if (previous == null)
                {
                    s_first = next;
                }
                else
                {
                    previous->Next = next;
                }

                NativeHeap.Free(segment);
                return;
            }

            previous = segment;
        }
    }
}
