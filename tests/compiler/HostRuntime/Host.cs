// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>What stands in assembly (<c>host.S</c> of the architecture) and what the compiler defines.</summary>
internal static unsafe partial class Host
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    [RuntimeImport("*", "AsterionProgram")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Program(string[] arguments);

    [RuntimeImport("*", "AsterionInitialize")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Initialize();

    internal static void Write(int descriptor, byte* bytes, nint count) => SystemCall(SystemCallWrite, descriptor, (nint)bytes, count, 0, 0, 0);

    internal static byte* Map(nuint size) => (byte*)SystemCall(SystemCallMap, 0, (nint)size, ReadWrite, PrivateAnonymous, -1, 0);

    internal static void Exit(int status) => SystemCall(SystemCallExit, status, 0, 0, 0, 0, 0);
}
