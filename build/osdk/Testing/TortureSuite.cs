// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Osdk.Testing;

/// <summary>The short form of the torture: a few rounds with fixed seeds. <c>osdk torture</c> is the long one.</summary>
internal sealed class TortureSuite : ITestSuite
{
    private const int Seconds = 5;

    /// <inheritdoc/>
    public string Name => "torture";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (bool isGuestLoad in (bool[])[false, true])
        {
            foreach (int seed in (int[])[1, 2])
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
