// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>
/// The write barriers, from their first instruction to their return, both included. Loading the two arguments and the call are the program's, and the same without a
/// barrier's work, so the baseline is a call of the same form to a leaf of one instruction.
/// </summary>
public static class BarrierCosts
{
    private const int Count = 1000;
    private const int LeafInstructions = 1;

    private sealed class Holder
    {
        public object? Reference;
    }

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Costs()
    {
        var holder = new Holder();
        object value = new();
        Measurement.Report("write barrier", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                AssignRef(ref holder.Reference, value);
            }
        }, Leaf, LeafInstructions);
        Measurement.Report("checked write barrier, into the heap", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                CheckedAssignRef(ref holder.Reference, value);
            }
        }, Leaf, LeafInstructions);
        Measurement.Report("checked write barrier, into the stack", Count, n =>
        {
            object? local = null;
            for (int i = 0; i < n; i++)
            {
                CheckedAssignRef(ref local, value);
            }
        }, n =>
        {
            object? local = null;
            for (int i = 0; i < n; i++)
            {
                LeafCall(ref local, value);
            }
        }, LeafInstructions);

        void Leaf(int n)
        {
            for (int i = 0; i < n; i++)
            {
                LeafCall(ref holder.Reference, value);
            }
        }
    }

    // The helpers that compiled code calls for "reference = value", under a name of their own.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "RhpAssignRef")]
    private static extern void AssignRef(ref object? destination, object? value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "RhpCheckedAssignRef")]
    private static extern void CheckedAssignRef(ref object? destination, object? value);

    // A single RET.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "RhpGcPoll")]
    private static extern void LeafCall(ref object? destination, object? value);
}
