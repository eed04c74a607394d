// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Sync;

/// <content>What a debug kernel checks. Readers count like writers: a reader holds back for a writer that waits, so it can deadlock as one.</content>
public sealed partial class RwLock
{
    private readonly int _class;

    /// <summary>The place where it is made is its class (<see cref="LockOrder"/>).</summary>
    public RwLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _class = LockClasses.Find("RwLock", file, line);

    partial void OnTake() => LockOrder.TakeSpinning(this, _class, 0, isInOrder: false);

    partial void OnRelease() => LockOrder.Release(this, _class);
}
