// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Torture;

/// <summary>One kind of work. An instance is shared by all workers.</summary>
internal interface ITortureLoad
{
    /// <summary>For the log.</summary>
    string Name { get; }

    /// <summary>Does a little of it; throws when something is not as it has to be.</summary>
    /// <param name="dice">The calling worker's.</param>
    void Run(Dice dice);

    /// <summary>Drops what it holds, after the last <see cref="Run"/> has returned, and checks it.</summary>
    void Finish();
}
