// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Ostd.Torture.Loads;

/// <summary>Graphs that live for a while in slots that all workers share: who exchanges one checks what another task built.</summary>
internal sealed class AllocationLoad : ITortureLoad
{
    private readonly Graph?[] _slots = new Graph?[64];

    public string Name => "allocation";

    public void Run(Dice dice)
    {
        // Most objects die young.
        for (int i = dice.Below(20); i > 0; i--)
        {
            _ = new byte[dice.Below(600)];
        }

        var graph = new Graph(dice, 1 + dice.Below(12));
        Graph? old = Interlocked.Exchange(ref _slots[dice.Below(_slots.Length)], graph);
        old?.Check();
        if (dice.OneIn(4))
        {
            _slots[dice.Below(_slots.Length)]?.Check();
        }
    }

    public void Finish()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i]?.Check();
            _slots[i] = null;
        }
    }
}
