// SPDX-License-Identifier: MPL-2.0
using System;
using System.Linq;
using System.Threading;
using Xunit;

/// <summary>Threads that do things to one object at once.</summary>
internal static class Race
{
    /// <summary>Runs each action over and over on a thread of its own, all at the same time; an exception in one fails the test.</summary>
    public static void Run(int rounds, params Action[] actions)
    {
        using var start = new Barrier(actions.Length);
        Exception? failure = null;
        var threads = actions.Select(action => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                for (var round = 0; round < rounds && Volatile.Read(ref failure) is null; round++)
                {
                    action();
                }
            }
            catch (Exception exception)
            {
                Volatile.Write(ref failure, exception);
            }
        })).ToArray();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Null(failure);
    }
}
