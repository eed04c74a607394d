// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The fast path of <c>new</c>: a cell from the running CPU's cache of its size class, without a lock, an atomic or interrupts off.</summary>
/// <remarks>
/// <para>A cache is a run of zeroed cells [next, limit), both as object addresses (8 bytes into the cell). Type and length are stored before the one store
/// that takes the cell. From the entry up to that store each function is a <em>restartable sequence</em>: a trap of this CPU that comes in between puts RIP back to
/// the entry (TrapStubs), so that neither a migration nor another task's allocation nor a collection is ever seen from inside. The arguments (RDI, ESI)
/// are therefore not changed. After the store RAX holds the object, which keeps it alive.</para>
/// <para>Sizes above the caches', exhausted and forbidden caches (the empty one) go to C#.</para>
/// </remarks>
internal sealed class AllocationStubs : StubModule
{
    public override void Build(StubObject o)
    {
        o.Bss("runtime_empty_allocation_cache", RuntimeLayout.CpuHeapSize, 64);
        ExportAddress(o, "ArchEmptyAllocationCache", "runtime_empty_allocation_cache");

        // Another one: a CPU whose allocation cache it is runs a policy (RuntimeThread.EnterPolicy).
        o.Bss("runtime_policy_allocation_cache", RuntimeLayout.CpuHeapSize, 64);
        BuildPolicy(o);

        CodeBlock b = o.Code();
        Assembler c = b.Asm;

        // byte* RhpNewFast(MethodTable* type)
        Label slowObject = c.CreateLabel();
        b.Export("RhpNewFast");
        c.mov(eax, __dword_ptr[rdi + RuntimeLayout.MethodTableBaseSize]);
        c.cmp(eax, RuntimeLayout.LargestCachedSize);
        c.ja(slowObject);
        FindCache(c);
        c.jae(slowObject);
        c.mov(rcx, __qword_ptr[r8 + RuntimeLayout.CacheCellSize]);
        c.add(rcx, rax);
        c.mov(__qword_ptr[rax], rdi);
        c.mov(__qword_ptr[rax + 8], 0); // an array's allocation that was begun here and restarted elsewhere may have left its length
        c.mov(__qword_ptr[r8 + RuntimeLayout.CacheNext], rcx);
        b.Export("runtime_new_object_committed");
        c.ret();
        c.Label(ref slowObject);
        c.jmp(b.Symbol("RuntimeNewObjectSlow"));

        // byte* RhpNewArray(MethodTable* type, int length), RhNewString alike. No array of more elements is that small.
        Label slowArray = c.CreateLabel();
        b.Export("RhpNewArray");
        b.Export("RhNewString");
        c.cmp(esi, RuntimeLayout.LargestCachedSize);
        c.ja(slowArray);
        c.movzx(eax, __word_ptr[rdi + RuntimeLayout.MethodTableComponentSize]);
        c.imul(eax, esi);
        c.add(eax, __dword_ptr[rdi + RuntimeLayout.MethodTableBaseSize]);
        c.cmp(eax, RuntimeLayout.LargestCachedSize);
        c.ja(slowArray);
        FindCache(c);
        c.jae(slowArray);
        c.mov(rcx, __qword_ptr[r8 + RuntimeLayout.CacheCellSize]);
        c.add(rcx, rax);
        c.mov(__qword_ptr[rax], rdi);
        c.mov(__dword_ptr[rax + 8], esi);
        c.mov(__qword_ptr[r8 + RuntimeLayout.CacheNext], rcx);
        b.Export("runtime_new_array_committed");
        c.ret();
        c.Label(ref slowArray);
        c.jmp(b.Symbol("RuntimeNewArraySlow"));
    }

    // From the size in EAX: R8 the cache, RAX its next object; the flags say "above or equal" when it is exhausted.
    private static void FindCache(Assembler c)
    {
        c.mov(r8, __qword_ptr.gs[PerCpuLayout.AllocationCache]);
        c.add(eax, 7);
        c.shr(eax, 3);
        c.movzx(eax, __word_ptr[r8 + rax * 2 + RuntimeLayout.CpuHeapCacheOffsets]);
        c.add(r8, rax);
        c.mov(rax, __qword_ptr[r8 + RuntimeLayout.CacheNext]);
        c.cmp(rax, __qword_ptr[r8 + RuntimeLayout.CacheLimit]);
    }

    private static void BuildPolicy(StubObject o)
    {
        // CpuHeap* ArchEnterPolicy(): what the CPU's allocation cache was
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchEnterPolicy");
        c.mov(rcx, __qword_ptr.gs[PerCpuLayout.AllocationCache]); // RCX, because RAX would get the form with a 64-bit address
        c.lea(rdx, __[b.Symbol("runtime_policy_allocation_cache")]);
        c.mov(__qword_ptr.gs[PerCpuLayout.AllocationCache], rdx);
        c.mov(rax, rcx);
        c.ret();

        // int ArchIsInPolicy()
        b = o.Code();
        c = b.Asm;
        b.Export("ArchIsInPolicy");
        c.lea(rdx, __[b.Symbol("runtime_policy_allocation_cache")]);
        c.xor(eax, eax);
        c.cmp(__qword_ptr.gs[PerCpuLayout.AllocationCache], rdx);
        c.sete(al);
        c.ret();
    }
}
