// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>Enumerates a method's exception clauses for CoreLib's dispatcher.</summary>
// SAFETY: the arguments are locals of CoreLib's dispatcher, of the layouts mirrored here, and are not kept. A clause list is read-only
// data of the image; ilc puts the number of clauses in front, which Remaining counts down, so that no read goes past its end.
internal static unsafe class ExceptionClauseExports
{
    private const uint KindTyped = 0;
    private const uint KindFault = 1;
    private const uint KindFilter = 2;

    // EH.MethodRegionInfo of CoreLib.
    [StructLayout(LayoutKind.Sequential)]
    private struct MethodRegion
    {
        internal nuint HotStart;
        internal nuint HotSize;
        internal nuint ColdStart;
        internal nuint ColdSize;
    }

    // EH.EHEnum: 32 bytes that belong to the runtime.
    [StructLayout(LayoutKind.Sequential)]
    private struct Enumerator
    {
        internal nuint MethodStart;
        internal byte* Next;
        internal uint Remaining;
        internal uint Padding;
        internal nuint Padding2;
    }

    // EH.RhEHClause.
    [StructLayout(LayoutKind.Sequential)]
    private struct Clause
    {
        internal uint Kind;
        internal uint TryStart;
        internal uint TryEnd;
        internal nuint Filter;
        internal nuint Handler;
        internal nuint TargetType;
    }

    [RuntimeExport("RhpEHEnumInitFromStackFrameIterator")]
    private static int Init(FrameIterator* iterator, MethodRegion* region, Enumerator* enumerator)
    {
        MethodInfo method = iterator->Method;
        *region = default;
        region->HotStart = method.MethodStart;
        *enumerator = default;
        enumerator->MethodStart = method.MethodStart;
        byte* clauses = method.ExceptionClauses();
        if (clauses == null)
        {
            return 0;
        }

        enumerator->Remaining = ReadNumber(ref clauses);
        enumerator->Next = clauses;
        return 1;
    }

    [RuntimeExport("RhpEHEnumNext")]
    private static int Next(Enumerator* enumerator, Clause* clause)
    {
        if (enumerator->Remaining == 0)
        {
            return 0;
        }

        enumerator->Remaining--;
        byte* p = enumerator->Next;
        clause->TryStart = ReadNumber(ref p);
        uint lengthAndKind = ReadNumber(ref p);
        clause->TryEnd = clause->TryStart + (lengthAndKind >> 2);
        clause->Kind = lengthAndKind & 3;
        clause->Filter = 0;
        clause->TargetType = 0;
        clause->Handler = enumerator->MethodStart + ReadNumber(ref p);
        switch (clause->Kind)
        {
            case KindTyped:
                clause->TargetType = (nuint)(p + *(int*)p);
                p += 4;
                break;
            case KindFilter:
                clause->Filter = enumerator->MethodStart + ReadNumber(ref p);
                break;
            case KindFault:
                break;
            default:
                RuntimePanic.Fail("an exception table has a clause of an unknown kind");
                break;
        }

        enumerator->Next = p;
        return 1;
    }

    // NativeFormat's variable-length unsigned: the number of trailing one bits of the first byte is the number of further bytes.
    private static uint ReadNumber(ref byte* p)
    {
        uint first = *p;
        if ((first & 1) == 0)
        {
            p += 1;
            return first >> 1;
        }

        if ((first & 2) == 0)
        {
            uint value = (first >> 2) | ((uint)p[1] << 6);
            p += 2;
            return value;
        }

        if ((first & 4) == 0)
        {
            uint value = (first >> 3) | ((uint)p[1] << 5) | ((uint)p[2] << 13);
            p += 3;
            return value;
        }

        if ((first & 8) == 0)
        {
            uint value = (first >> 4) | ((uint)p[1] << 4) | ((uint)p[2] << 12) | ((uint)p[3] << 20);
            p += 4;
            return value;
        }

        uint whole = *(uint*)(p + 1);
        p += 5;
        return whole;
    }
}
