// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Sync;

/// <content>What a debug kernel checks.</content>
public sealed partial class SpinLock
{
    private readonly int _class;

    /// <summary>The place where it is made is its class (<see cref="LockOrder"/>).</summary>
    public SpinLock([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) => _class = LockClasses.Find("SpinLock", file, line);

    partial void OnTake(int level) => LockOrder.TakeSpinning(this, _class, level, isInOrder: level == InOrder);

    partial void OnRelease() => LockOrder.Release(this, _class);
}
