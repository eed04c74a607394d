// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>The compiled module as CoreLib asks for it: its header's sections and the class library's functions.</summary>
// SAFETY: the module's header and rows are read-only data of the image; Create checks signature and row size, and SectionCount bounds
// the search. The type manager is made at boot, before any code asks for its functions, and never freed; its count bounds their index.
// Out parameters are locals of CoreLib's; an array passed as an address is kept by the caller's frame, and nothing moves.
internal static unsafe class TypeManagerExports
{
    private const uint Signature = 0x0052_5452; // "RTR"
    private const uint ReadonlyBlobRegionStart = 300;
    private const int ReadonlyBlobCount = 100;

    // ReadyToRunHeader and its rows, as ilc writes them.
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal uint Signature;
        internal ushort MajorVersion;
        internal ushort MinorVersion;
        internal uint Flags;
        internal ushort SectionCount;
        internal byte EntrySize;
        internal byte EntryType;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Section
    {
        internal int Id;
        internal int Flags;
        internal byte* Start;
        internal byte* End;
    }

    // CoreLib reads the first two fields.
    [StructLayout(LayoutKind.Sequential)]
    private struct TypeManager
    {
        internal nint OsModule;
        internal Header* Header;
        internal nint* ClasslibFunctions;
        internal uint ClasslibFunctionCount;
    }

    private const int SectionFlagHasEnd = 1;

    private static TypeManager* s_manager;
    private static nint s_osModule;

    [RuntimeExport("RhpRegisterOsModule")]
    private static nint RegisterOsModule(nint osModule)
    {
        s_osModule = osModule;
        return osModule;
    }

    [RuntimeExport("RhpCreateTypeManager")]
    private static TypeManager* Create(nint osModule, Header* header, nint* classlibFunctions, int classlibFunctionCount)
    {
        if (header->Signature != Signature || header->EntrySize != sizeof(Section))
        {
            RuntimePanic.Fail("the compiled module's header is not one");
        }

        TypeManager* manager = (TypeManager*)NativeHeap.AllocateZeroed((nuint)sizeof(TypeManager));
        if (manager == null)
        {
            RuntimePanic.Fail("the boot heap has no room for the compiled module");
        }

        manager->OsModule = osModule;
        manager->Header = header;
        manager->ClasslibFunctions = classlibFunctions;
        manager->ClasslibFunctionCount = (uint)classlibFunctionCount;
        s_manager = manager;
        return manager;
    }

    [RuntimeExport("RhpGetModuleSection")]
    private static byte* GetModuleSection(TypeManager** module, int id, int* length)
    {
        Header* header = (*module)->Header;
        Section* sections = (Section*)(header + 1);
        for (int i = 0; i < header->SectionCount; i++)
        {
            if (sections[i].Id == id)
            {
                // Without an end it is a single pointer.
                *length = (sections[i].Flags & SectionFlagHasEnd) != 0 ? (int)(sections[i].End - sections[i].Start) : sizeof(nint);
                return sections[i].Start;
            }
        }

        *length = 0;
        return null;
    }

    [RuntimeExport("RhFindBlob")]
    private static int FindBlob(TypeManager** module, uint id, byte** blob, uint* sizeBytes)
    {
        int length = 0;
        byte* start = id < ReadonlyBlobCount ? GetModuleSection(module, (int)(ReadonlyBlobRegionStart + id), &length) : null;
        *blob = start;
        *sizeBytes = (uint)length;
        return start != null ? 1 : 0;
    }

    [RuntimeExport("RhpGetClasslibFunctionFromCodeAddress")]
    private static nint GetClasslibFunctionFromCode(nint address, uint id) => GetClasslibFunction(id);

    [RuntimeExport("RhpGetClasslibFunctionFromEEType")]
    private static nint GetClasslibFunctionFromType(MethodTable* type, uint id) => GetClasslibFunction(id);

    private static nint GetClasslibFunction(uint id) => id < s_manager->ClasslibFunctionCount ? s_manager->ClasslibFunctions[id] : 0;

    [RuntimeExport("RhGetLoadedOSModules")]
    private static uint GetLoadedOsModules(nuint resultArray)
    {
        // nint[] or null; its data begins behind the length.
        if (resultArray != 0 && *(int*)(resultArray + ObjectLayout.ArrayLengthOffset) > 0)
        {
            *(nint*)(resultArray + 16) = s_osModule;
        }

        return 1;
    }
}
