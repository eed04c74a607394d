// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Sync;

/// <content>What a debug kernel checks.</content>
public sealed partial class Mutex
{
    private readonly int _class;

    /// <summary>The place where it is made is its class (<see cref="LockOrder"/>).</summary>
    public Mutex([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _class = LockClasses.Find("Mutex", file, line);

    partial void OnTake(int subclass) => LockOrder.TakeSleeping(this, _class, subclass);

    partial void OnTakenWithoutWait() => LockOrder.TakeWithoutWait(this, _class);

    partial void OnRelease() => LockOrder.Release(this, _class);
}
