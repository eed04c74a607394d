// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Logging;

namespace Ostd.Sync;

/// <summary>
/// The classes of locks: all that were made at one line of the source. One class has a few nodes in the graph, one for each level of a declared nesting (Linux's subclasses).
/// </summary>
/// <remarks>A lock finds its class once, when it is made. Classes are never taken away; looking one up takes no lock.</remarks>
internal static class LockClasses
{
    /// <summary>How many there can be, with the one numbered 0 that stands for locks that are not checked.</summary>
    public const int MaxCount = 256;

    /// <summary>Levels of nesting that can be told apart.</summary>
    public const int Subclasses = 4;

    /// <summary>Nodes of the graph.</summary>
    public const int NodeCount = MaxCount * Subclasses;

    private const int SlotCount = 4 * MaxCount;

    private static RawSpinLock s_lock;
    private static string[]? s_files;
    private static int[] s_lines = null!;
    private static string[] s_kinds = null!;

    // Open addressing: numbers of classes, 0 for free.
    private static int[] s_slots = null!;
    private static int s_count;
    private static bool s_isFull;

    public static int Count => Volatile.Read(ref s_count);

    public static bool IsFull => Volatile.Read(ref s_isFull);

    public static void Initialize()
    {
        s_lines = new int[MaxCount];
        s_kinds = new string[MaxCount];
        s_slots = new int[SlotCount];
        Volatile.Write(ref s_files, new string[MaxCount]);
    }

    /// <summary>Number of the class of a lock that is being made; 0 when there is none.</summary>
    public static int Find(string kind, string file, int line)
    {
        if (Volatile.Read(ref s_files) is null)
        {
            return 0;
        }

        int first = Slot(file, line);
        int found = Search(first, file, line, out _);
        return found != 0 ? found : Insert(first, kind, file, line);
    }

    [InterruptSafe]
    public static int NodeOf(int lockClass, int subclass) => lockClass * Subclasses + Math.Clamp(subclass, 0, Subclasses - 1);

    /// <summary>Appends what a person calls the class: <c>Mutex Kernel.Fs/Mounts/MountTree.cs:17</c>.</summary>
    [InterruptSafe]
    public static void AppendName(ref TextBuffer text, int node)
    {
        const string sourceRoot = "/_/"; // the build's PathMap
        int lockClass = node / Subclasses;
        string file = s_files![lockClass];
        text.Append(s_kinds[lockClass]);
        text.Append(' ');
        text.Append(file.AsSpan().StartsWith(sourceRoot) ? file.AsSpan(sourceRoot.Length) : file);
        text.Append(':');
        text.AppendDecimal(s_lines[lockClass]);
        if (node % Subclasses != 0)
        {
            text.Append('/');
            text.AppendDecimal(node % Subclasses);
        }
    }

    private static int Slot(string file, int line) => (int)((uint)(line * 31 + file.Length * 7 + file[^4]) % SlotCount);

    private static int Search(int first, string file, int line, out int freeSlot)
    {
        freeSlot = first;
        while (true)
        {
            int candidate = Volatile.Read(ref s_slots[freeSlot]);
            if (candidate == 0 || (s_lines[candidate] == line && string.Equals(s_files![candidate], file, StringComparison.Ordinal)))
            {
                return candidate;
            }

            freeSlot = (freeSlot + 1) % SlotCount;
        }
    }

    private static int Insert(int first, string kind, string file, int line)
    {
        bool wereEnabled = s_lock.Enter();
        int number = Search(first, file, line, out int slot);
        if (number == 0 && s_count + 1 < MaxCount)
        {
            number = ++s_count;
            s_files![number] = file;
            s_lines[number] = line;
            s_kinds[number] = kind;
            Volatile.Write(ref s_slots[slot], number); // last: who sees the number sees the rest
        }

        s_isFull |= number == 0;
        s_lock.Exit(wereEnabled);
        return number;
    }
}
