// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Arch;

/// <summary>Entries of the tables that a DMA remapping unit walks (Intel VT-d specification 4.0, chapter 9, legacy mode).</summary>
// SAFETY: the caller owns the tables and passes an index below the number of their entries; stores are whole words, so that hardware sees an entry from before or after.
public static unsafe class RemappingFormat
{
    /// <summary>The device may read (section 9.8).</summary>
    public const ulong Read = 1 << 0;

    /// <summary>The device may write.</summary>
    public const ulong Write = 1 << 1;

    private const ulong Present = 1;
    private const int DomainShift = 8;

    /// <summary>Bits of an index in a table of translations.</summary>
    public const int IndexBits = 9;

    /// <summary>Leads a bus to its table of functions (section 9.1).</summary>
    public static void SetBus(ulong* rootTable, byte bus, ulong contextTable)
    {
        Volatile.Write(ref rootTable[bus * 2], contextTable | Present);
    }

    /// <summary>Leads a function to its table of translations (section 9.3). Requests that claim to be translated already are blocked: translation type 0.</summary>
    public static void SetFunction(ulong* contextTable, byte deviceFunction, ulong translationTable, int levels, ushort domain)
    {
        // Address width: 1 is three levels, 2 is four.
        Volatile.Write(ref contextTable[deviceFunction * 2 + 1], (uint)(levels - 2) | (ulong)domain << DomainShift);
        Volatile.Write(ref contextTable[deviceFunction * 2], translationTable | Present);
    }

    /// <summary>The function reaches nothing any more, once the units have forgotten it.</summary>
    public static void ClearFunction(ulong* contextTable, byte deviceFunction) => Volatile.Write(ref contextTable[deviceFunction * 2], 0);

    /// <summary>An entry of a table of translations that leads to the next table: rights are those of the last one.</summary>
    public static ulong MakeTable(ulong table) => table | Read | Write;

    /// <summary>The table behind an entry.</summary>
    public static ulong TableOf(ulong entry) => entry & 0x000f_ffff_ffff_f000;

    /// <summary>An entry of the last table.</summary>
    /// <param name="page">Physical address.</param>
    /// <param name="rights"><see cref="Read"/>, <see cref="Write"/> or both; with none the page is not mapped.</param>
    public static ulong MakePage(ulong page, ulong rights) => rights == 0 ? 0 : page | rights;
}
