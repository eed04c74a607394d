// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Runtime;

namespace Kernel.Image;

internal static unsafe class Entry
{
    [RuntimeExport("KernelEntry")]
    private static void KernelEntry(ulong bootInfoPhysical, uint protocol)
    {
        RuntimePanic.Write("Hello from ring 0\n");
        RuntimeHost.Initialize();
        RuntimePanic.Write("runtime is up\n");
        var list = new List<string>();
        for (int i = 0; i < 10; i++)
        {
            list.Add("item " + i);
        }

        RuntimePanic.Write(string.Join(", ", list) + "\n");
        try
        {
            throw new InvalidOperationException("thrown");
        }
        catch (InvalidOperationException e) when (e.Message.Length > 3)
        {
            RuntimePanic.Write("caught " + e.Message + "\n");
        }
        finally
        {
            RuntimePanic.Write("finally\n");
        }

        RuntimePanic.Fail("done");
    }
}
