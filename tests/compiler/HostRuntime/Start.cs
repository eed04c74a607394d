// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>From the kernel's first instruction to Main and back.</summary>
internal static unsafe class Start
{
    private const int StackSizeBytes = 8 << 20;
    private const uint ProgramHeaderOfEhFrame = 0x6474e550;

    private static RuntimeThread s_thread;

    /// <summary>Called with the stack as execve leaves it: argc, argv.</summary>
    [RuntimeExport("HostStart")]
    internal static void Run(nint* stack)
    {
        s_thread.StackHigh = (nuint)stack;
        s_thread.StackLow = (nuint)stack - StackSizeBytes;
        fixed (RuntimeThread* thread = &s_thread)
        {
            ArchRuntime.SetThread(thread);
        }

        ImageTable image;
        image.EhFrameHeader = FindEhFrameHeader();
        ExceptionTables.Initialize(&image);
        Host.Initialize();

        var arguments = new string[*stack - 1];
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = FromUtf8((byte*)stack[i + 2]);
        }

        Host.Exit(Host.Program(arguments));
    }

    private static string FromUtf8(byte* text)
    {
        // Arguments are names of cases, which are ASCII.
        int length = 0;
        while (text[length] != 0)
        {
            length++;
        }

        char* wide = stackalloc char[length];
        for (int i = 0; i < length; i++)
        {
            wide[i] = (char)text[i];
        }

        return new string(wide, 0, length);
    }

    // ELF-64: program headers of 56 bytes, e_phoff at 32, e_phnum at 56.
    private static byte* FindEhFrameHeader()
    {
        byte* header = Host.ImageHeader();
        byte* program = header + *(long*)(header + 32);
        for (int i = 0; i < *(ushort*)(header + 56); i++, program += 56)
        {
            if (*(uint*)program == ProgramHeaderOfEhFrame)
            {
                return *(byte**)(program + 16);
            }
        }

        RuntimePanic.Fail("the program has no .eh_frame_hdr");
        return null;
    }
}
