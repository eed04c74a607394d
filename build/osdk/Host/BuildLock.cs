// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Threading;

namespace Asterion.Osdk.Host;

/// <summary>
/// What is made below <c>out/</c> and in the projects' own folders is made by one at a time: suites run side by side, some of them start another osdk, and two builds of one project would write the
/// same files. Whoever makes something enters first and looks then whether it is there already.
/// </summary>
internal sealed class BuildLock : IDisposable
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(50);
    private static readonly Lock s_threads = new();
    private static FileStream? s_file;
    private static int s_depth;

    private BuildLock()
    {
    }

    /// <summary>Waits until nobody else builds, in this process or another one. May be entered again by the thread that is in it.</summary>
    public static BuildLock Enter()
    {
        s_threads.Enter();
        if (s_depth == 0)
        {
            s_file = WaitForFile(Path.Combine(Repository.Root, "out", "build.lock"));
        }
        s_depth++;
        return new BuildLock();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (--s_depth == 0)
        {
            s_file!.Dispose();
        }
        s_threads.Exit();
    }

    // FileShare.None is flock(2) with LOCK_NB here, which ends with the process whatever ends that; .NET has none that waits.
    private static FileStream WaitForFile(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException failure) when (failure is not (DirectoryNotFoundException or PathTooLongException))
            {
                Thread.Sleep(s_poll);
            }
        }
    }
}
