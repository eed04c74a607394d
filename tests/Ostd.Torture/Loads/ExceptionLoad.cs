// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;

namespace Ostd.Torture.Loads;

/// <summary>Exceptions through frames, filters, finally clauses and catch clauses that throw again; by <c>throw</c>, by the compiler's checks and by faults of the CPU.</summary>
internal sealed class ExceptionLoad : ITortureLoad
{
    private sealed class NumberedException(int number) : Exception
    {
        public int Number { get; } = number;
    }

    private sealed class Target
    {
        public int Value;
    }

    public string Name => "exceptions";

    public void Run(Dice dice)
    {
        int kind = dice.Below(7);
        int depth = 1 + dice.Below(12);
        var graph = new Graph(dice, 2);
        int finals = 0;
        bool isCaught = false;
        try
        {
            Descend(kind, depth, dice, ref finals);
        }
        catch (NumberedException exception) when (Matches(exception, kind, dice))
        {
            isCaught = kind is 0 or 1 && exception.Number == 1 + depth * 2;
        }
        catch (NullReferenceException)
        {
            isCaught = kind == 2;
        }
        catch (DivideByZeroException)
        {
            isCaught = kind == 3;
        }
        catch (IndexOutOfRangeException)
        {
            isCaught = kind == 4;
        }
        catch (InvalidCastException)
        {
            isCaught = kind == 5;
        }
        catch (OverflowException)
        {
            isCaught = kind == 6;
        }

        TortureException.Unless(isCaught, "an exception of kind " + kind + " was not caught where it should");
        TortureException.Unless(finals == depth, "finally clauses that ran: " + finals + " of " + depth);
        graph.Check();
    }

    public void Finish()
    {
    }

    // A filter runs while the frames below are still there: it may allocate and even throw and catch for itself.
    private static bool Matches(NumberedException exception, int kind, Dice dice)
    {
        if (dice.OneIn(3))
        {
            try
            {
                throw new NumberedException(-1);
            }
            catch (NumberedException inner)
            {
                TortureException.Unless(inner.Number == -1, "a filter caught somebody else's exception");
            }
        }

        _ = new byte[dice.Below(100)];
        return kind is 0 or 1 && exception.Number > 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Descend(int kind, int depth, Dice dice, ref int finals)
    {
        try
        {
            if (depth > 1)
            {
                return Descend(kind, depth - 1, dice, ref finals) + 1;
            }

            return Raise(kind, dice);
        }
        catch (NumberedException exception) when (exception.Number == 0)
        {
            throw new TortureException("a filter that is false has caught");
        }
        catch (NumberedException exception)
        {
            // Thrown anew with a higher number at each level.
            throw new NumberedException(exception.Number + 2);
        }
        finally
        {
            finals++;
            if (dice.OneIn(5))
            {
                _ = new object[dice.Below(50)];
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Raise(int kind, Dice dice)
    {
        Target? target = dice.Next() == 0 ? new Target { Value = 0 } : null;
        int zero = target?.Value ?? 0;
        switch (kind)
        {
            case 2:
                return target!.Value;
            case 3:
                return 5 / zero;
            case 4:
                int[] three = [1, 2, 3];
                return three[3 + dice.Below(3) + zero];
            case 5:
                object boxed = dice;
                return ((Target)boxed).Value;
            case 6:
                return checked(int.MaxValue - zero + 1 + dice.Below(5));
            default:
                throw new NumberedException(1 + zero);
        }
    }
}
