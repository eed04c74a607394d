// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The few functions of libSystem.Native that CoreLib reaches in a kernel.</summary>
// SAFETY: CoreLib frees and unmaps what it got from Malloc and MMap, whole and once. Buffers and texts are the caller's and have the
// length that is passed with them. The running task's thread block outlives the task.
internal static unsafe class SystemNativeExports
{
    [RuntimeExport("SystemNative_Malloc")]
    private static void* Malloc(nuint sizeBytes) => NativeHeap.AllocateZeroed(sizeBytes == 0 ? 1 : sizeBytes);

    [RuntimeExport("SystemNative_Free")]
    private static void Free(void* memory) => NativeHeap.Free(memory);

    // mmap and its kin serve CoreLib's heap of frozen objects and its thunk pages: address space whose parts are made accessible later. Memory is
    // given at once, and protections are not changed.
    [RuntimeExport("SystemNative_MMap")]
    private static void* MMap(void* address, ulong length, int protection, int flags, nint fileDescriptor, long offset)
    {
        void* memory = length > nuint.MaxValue / 2 ? null : NativeHeap.AllocateZeroed((nuint)length);
        return memory != null ? memory : (void*)-1;
    }

    [RuntimeExport("SystemNative_MUnmap")]
    private static int MUnmap(void* address, ulong length)
    {
        NativeHeap.Free(address);
        return 0;
    }

    [RuntimeExport("SystemNative_MProtect")]
    private static int MProtect(void* address, ulong length, int protection) => 0;

    [RuntimeExport("SystemNative_GetEnv")]
    private static byte* GetEnv(byte* name) => null;

    [RuntimeExport("SystemNative_GetErrNo")]
    private static int GetErrNo() => ArchRuntime.GetThread()->ErrorNumber;

    [RuntimeExport("SystemNative_SetErrNo")]
    private static void SetErrNo(int value) => ArchRuntime.GetThread()->ErrorNumber = value;

    [RuntimeExport("SystemNative_GetTimestamp")]
    private static ulong GetTimestamp() => ThreadingExports.MonotonicNs;

    [RuntimeExport("RhpGetTickCount64")]
    private static ulong GetTickCount() => ThreadingExports.MonotonicNs / 1_000_000;

    // Seeds hash codes of strings. Mixed from the cycle counter (SplitMix64, Steele et al. 2014); not for secrets.
    [RuntimeExport("SystemNative_GetNonCryptographicallySecureRandomBytes")]
    private static void GetRandomBytes(byte* buffer, int length)
    {
        ulong state = ArchRuntime.ReadCycleCounter();
        for (int i = 0; i < length; i++)
        {
            state += 0x9e37_79b9_7f4a_7c15;
            ulong mixed = state;
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58_476d_1ce4_e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d0_49bb_1331_11eb;
            buffer[i] = (byte)(mixed ^ (mixed >> 31));
        }
    }

    [RuntimeExport("SystemNative_LogError")]
    private static void LogError(byte* text, int length) => ArchRuntime.DebugWrite(text, length);

    [RuntimeExport("SystemNative_Log")]
    private static void Log(byte* text, int length) => ArchRuntime.DebugWrite(text, length);

    [RuntimeExport("SystemNative_Abort")]
    private static void Abort() => RuntimePanic.Fail("the class library aborted");

    [RuntimeExport("SystemNative_Exit")]
    private static void Exit(int status) => RuntimePanic.Fail("the class library asked to exit");

    [RuntimeExport("RhGetKnobValues")]
    private static uint GetKnobValues(byte*** keys, byte*** values)
    {
        *keys = null;
        *values = null;
        return 0;
    }

    [RuntimeExport("RhGetRuntimeVersion")]
    private static byte* GetRuntimeVersion(int* length)
    {
        *length = 0;
        return null;
    }
}
