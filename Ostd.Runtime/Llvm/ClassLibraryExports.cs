// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>What CoreLib would ask a type's class library for, if there were several.</summary>
// SAFETY: no pointer is followed.
internal static unsafe class ClassLibraryExports
{
    // Asked for by casts to IDynamicInterfaceCastable alone, which the compiler refuses.
    [RuntimeExport("RhpGetClasslibFunctionFromEEType")]
    private static nint GetClasslibFunctionFromType(MethodTable* type, uint id)
    {
        RuntimePanic.Fail("a function of the class library was asked for by type");
        return 0;
    }
}
