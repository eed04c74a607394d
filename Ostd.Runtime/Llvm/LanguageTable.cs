// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

#pragma warning disable CS0649 // the compiler's output assigns the fields
/// <summary>The compiler's record of a catch clause: a type, or a filter.</summary>
// SAFETY: declares a pointer and follows none.
internal unsafe struct CatchClause
{
    internal MethodTable* Type;
    internal nint Filter;
}
#pragma warning restore CS0649

/// <summary>Where an exception goes on in a frame, and for which types.</summary>
// SAFETY: the pointers lead into a function's table, which LLVM wrote whole: lists of actions end with the distance 0, and their numbers name entries of the table of types.
internal unsafe struct LandingPad
{
    /// <summary>0: no clause protects the call.</summary>
    internal nuint Address;

    internal byte* Actions;
    internal byte* Types;
    internal byte TypeEncoding;

    [RuntimeImport("*", "RhTypeCast_IsInstanceOfException")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    [return: System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.U1)]
    private static extern bool IsInstanceOfException(MethodTable* type, object exception);

    /// <summary>The selector of the first catch clause that takes an exception, or 0.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="frame">The variables of the method, for its filters.</param>
    internal readonly nint Match(Exception exception, FilterFrame* frame)
    {
        for (byte* action = Actions; action != null;)
        {
            nint filter = (nint)LittleEndianBase128.ReadSigned(ref action);
            if (filter > 0 && Takes(ClauseAt(filter), exception, frame))
            {
                return filter;
            }

            action = Next(action);
        }

        return 0;
    }

    internal readonly bool HasCleanup
    {
        get
        {
            if (Actions == null)
            {
                return true;
            }

            for (byte* action = Actions; action != null;)
            {
                if (LittleEndianBase128.ReadSigned(ref action) == 0)
                {
                    return true;
                }

                action = Next(action);
            }

            return false;
        }
    }

    // The distance is from itself; 0 ends the list.
    private static byte* Next(byte* field)
    {
        byte* start = field;
        long distance = LittleEndianBase128.ReadSigned(ref field);
        return distance == 0 ? null : start + distance;
    }

    private static bool Takes(CatchClause* clause, Exception exception, FilterFrame* frame)
    {
        if (clause->Type != null)
        {
            return IsInstanceOfException(clause->Type, exception);
        }

        try
        {
            return ((delegate*<FilterFrame*, Exception, int>)clause->Filter)(frame, exception) != 0;
        }
        catch (Exception)
        {
            // A filter that throws says no (ECMA-335, I.12.4.2.8.1).
            return false;
        }
    }

    // The table of types grows downwards.
    private readonly CatchClause* ClauseAt(nint index)
    {
        byte* entry = Types - (index * PointerEncoding.Size(TypeEncoding));
        return (CatchClause*)PointerEncoding.Read(TypeEncoding, ref entry);
    }
}

/// <summary>The language-specific data that LLVM writes for a function with clauses (Itanium C++ ABI, exception handling, 7.3).</summary>
// SAFETY: the table is the function's own, found by its frame description; it says where its list of calls ends, which bounds the search.
internal static unsafe class LanguageTable
{
    /// <summary>Finds the landing pad of an instruction.</summary>
    /// <param name="table">The function's table.</param>
    /// <param name="start">Its first address.</param>
    /// <param name="pc">An address in the instruction.</param>
    /// <returns>One without an address when no clause protects it.</returns>
    internal static LandingPad Find(byte* table, nuint start, nuint pc)
    {
        LandingPad pad = default;
        byte landingEncoding = *table++;
        nuint landingBase = landingEncoding == PointerEncoding.Omitted ? start : (nuint)PointerEncoding.Read(landingEncoding, ref table);
        pad.TypeEncoding = *table++;
        if (pad.TypeEncoding != PointerEncoding.Omitted)
        {
            long distance = (long)LittleEndianBase128.ReadUnsigned(ref table);
            pad.Types = table + distance;
        }

        byte callEncoding = *table++;
        long length = (long)LittleEndianBase128.ReadUnsigned(ref table);
        byte* actions = table + length;
        nuint position = pc - start;
        while (table < actions)
        {
            nuint first = (nuint)PointerEncoding.Read(callEncoding, ref table);
            nuint size = (nuint)PointerEncoding.Read(callEncoding, ref table);
            nuint landing = (nuint)PointerEncoding.Read(callEncoding, ref table);
            ulong action = LittleEndianBase128.ReadUnsigned(ref table);
            if (position >= first && position - first < size)
            {
                pad.Address = landing == 0 ? 0 : landingBase + landing;
                pad.Actions = action == 0 ? null : actions + action - 1;
                break;
            }
        }

        return pad;
    }
}
