// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>What the heap of objects is like at the end of a collection.</summary>
/// <param name="LiveBytes">Bytes of the objects that survived.</param>
/// <param name="CommittedBytes">Bytes of frames that back the heap.</param>
/// <param name="FreePhysicalBytes">Bytes of physical memory that nobody uses.</param>
/// <param name="TotalPhysicalBytes">Bytes of physical memory in all.</param>
public readonly record struct HeapFigures(long LiveBytes, long CommittedBytes, long FreePhysicalBytes, long TotalPhysicalBytes);

/// <summary>What is to happen until the next collection ends.</summary>
/// <param name="BudgetBytes">After how many allocated bytes the next collection begins. OSTD takes no less than 1 MiB, and no more than half of physical memory.</param>
/// <param name="KeptBytes">How many bytes of free blocks stay backed by frames when it has swept: at least 0, at most the budget.</param>
public readonly record struct HeapPlan(long BudgetBytes, long KeptBytes);

/// <summary>
/// The policy of the heap of objects, injected by <see cref="CollectedHeap.InstallPolicy"/> and not trusted: when to collect, and how much memory to keep meanwhile. Objects are placed and freed by OSTD alone, so
/// nothing that it answers can make two of them overlap.
/// </summary>
/// <remarks>
/// It is called after each collection beside the running program, by the collector's task, in ordinary task context and under no lock: it may allocate and sleep. An exception is a panic. Until it has answered, and after a collection that
/// stopped the world, OSTD's own rule holds: as much as is alive, at least 4 MiB. While it does not return there are no collections beside the program, and those that stop it come when four times the budget is used up.
/// </remarks>
public interface IHeapPolicy
{
    /// <summary>Makes a plan.</summary>
    HeapPlan Plan(HeapFigures figures);
}
