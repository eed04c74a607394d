// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>What a program of this project's compiler wants done before anything else of it runs.</summary>
// SAFETY: the table is not followed; the function is the compiler's.
internal static unsafe class ProgramImage
{
    /// <summary>Runs the eager class constructors and CoreLib's initializers. Statics and literals are data, and need nothing.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "AsterionInitialize")]
    internal static extern void RunInitializers();

    internal static void Start(ImageTable* image) => RunInitializers();
}
