// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Torture;

/// <summary>Something was not as it has to be.</summary>
internal sealed class TortureException(string message) : Exception(message)
{
    /// <summary>Throws when the condition doesn't hold.</summary>
    public static void Unless(bool condition, string what)
    {
        if (!condition)
        {
            throw new TortureException(what);
        }
    }
}
