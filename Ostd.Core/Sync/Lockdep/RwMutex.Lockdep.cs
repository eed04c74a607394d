// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Sync;

/// <content>What a debug kernel checks. Readers count like writers: a reader queues behind a writer that waits, so it can deadlock as one.</content>
public sealed partial class RwMutex
{
    private readonly int _class;

    /// <summary>The place where it is made is its class (<see cref="LockOrder"/>).</summary>
    public RwMutex([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _class = LockClasses.Find("RwMutex", file, line);

    partial void OnTake(int subclass) => LockOrder.TakeSleeping(this, _class, subclass);

    partial void OnRelease() => LockOrder.Release(this, _class);
}
