// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Osdk.Testing;

/// <summary>The short form of the torture: a few rounds with fixed seeds. <c>osdk torture</c> is the long one.</summary>
/// <param name="seeds">With how many seeds.</param>
internal sealed class TortureSuite(int seeds) : ITestSuite
{
    private const int Seconds = 5;

    /// <inheritdoc/>
    public string Name => "torture";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (bool isGuestLoad in (bool[])[false, true])
        {
            for (int seed = 1; seed <= seeds; seed++)
            {
                string name = $"{Name}/{(isGuestLoad ? "guest" : "kernel")}-seed-{seed}";
                if (!run.Selects(name))
                {
                    continue;
                }
                if (new TortureRound(seed, Seconds, isGuestLoad).Run(run.Settings, name.Replace('/', '-') + ".log") is { } failure)
                {
                    run.Fail(name, failure.Trouble, failure.Log);
                }
                else
                {
                    run.Pass(name);
                }
            }
        }
    }
}
