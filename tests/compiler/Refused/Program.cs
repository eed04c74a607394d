// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Compiler.Refused;

internal static class Program
{
    // A typed reference is IL that this compiler does not know.
    private static int Main()
    {
        int value = 5;
        System.TypedReference reference = __makeref(value);
        return __refvalue(reference, int);
    }
}
