// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>Looks through the unboxing stubs that ilc puts into <c>__unbox</c>: they step over the method table and jump to the method.</summary>
// SAFETY: callers hand over code addresses of this image, which is mapped for good. Bytes are read only where the address lies in
// __unbox, that is at the start of one of ilc's stubs, and in order, so that a stub of another form panics before its displacement is
// used.
internal static unsafe class CodePointers
{
    [RuntimeExport("RhGetCodeTarget")]
    private static nint GetCodeTarget(nint code) => (nint)Follow((byte*)code, false);

    [RuntimeExport("RhGetTargetOfUnboxingAndInstantiatingStub")]
    private static nint GetTargetOfUnboxingAndInstantiatingStub(nint code) => (nint)Follow((byte*)code, true);

    private static byte* Follow(byte* code, bool isRequired)
    {
        ImageTable* image = ArchRuntime.ImageTable();
        if ((nuint)code >= image->UnboxStart && (nuint)code < image->UnboxEnd)
        {
            // add rdi, 8 (48 83 C7 08), then jmp rel32 (E9).
            if (code[0] == 0x48 && code[1] == 0x83 && code[2] == 0xc7 && code[3] == 8 && code[4] == 0xe9)
            {
                return code + 9 + *(int*)(code + 5);
            }

            RuntimePanic.Fail("an unboxing stub is of an unknown form");
        }

        return isRequired ? null : code;
    }
}
