// SPDX-License-Identifier: MPL-2.0

using System;
using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// Accesses to user memory that may fault. Each faulting instruction has a row in the fixup table: when the page fault handler cannot make the page accessible, execution
/// goes on at the fixup, which reports how much was not done.
/// </summary>
/// <remarks>With SMAP, user pages are accessible between STAC and CLAC only. The caller has checked that the range lies in user space.</remarks>
internal sealed class UserCopyStubs : StubModule
{
    private const int BlockSize = 64;

    public override void Build(StubObject o)
    {
        DataBlock table = o.Data(".rodata.fixup", 8).Export("user_fixup_table");
        BuildCopy(o, table);
        BuildFill(o, table);
        BuildCopyString(o, table);
        BuildCompareExchange(o, table);
        BuildLoad(o, table);
        table.Export("user_fixup_table_end");

        ExportAddress(o, "ArchFixupTable", "user_fixup_table");
        ExportAddress(o, "ArchFixupTableEnd", "user_fixup_table_end");
    }

    private static void OpenUser(Assembler c)
    {
        Label off = c.CreateLabel();
        c.cmp(__byte_ptr.gs[PerCpuLayout.SmapEnabled], 0);
        c.je(off);
        c.stac();
        c.Label(ref off);
    }

    private static void CloseUser(Assembler c)
    {
        Label off = c.CreateLabel();
        c.cmp(__byte_ptr.gs[PerCpuLayout.SmapEnabled], 0);
        c.je(off);
        c.clac();
        c.Label(ref off);
    }

    private static void Row(DataBlock table, string access, string fixup) => table.Address64(access).Address64(fixup);

    // nuint ArchUserCopy(void* destination, void* source, nuint length): bytes not copied. Either side may be the user's.
    // RDI, RSI and RCX move by whole steps. A fault within a larger step goes on byte by byte from the step's start (copying some bytes twice), so that the count is exact; a
    // fault of a byte ends. Plain moves, because an emulated REP MOVSB takes ten times as long.
    private static void BuildCopy(StubObject o, DataBlock table)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label block = c.CreateLabel();
        Label words = c.CreateLabel();
        Label bytes = c.CreateLabel();
        Label done = c.CreateLabel();
        AssemblerRegister64[] registers = [r8, r9, r10, r11];
        int accesses = 0;

        void Access(Action emit, string fixup)
        {
            string name = "user_copy_access" + accesses++;
            b.Export(name);
            emit();
            Row(table, name, fixup);
        }

        b.Export("ArchUserCopy");
        OpenUser(c);
        c.mov(rcx, rdx);
        c.Label(ref block);
        c.cmp(rcx, BlockSize);
        c.jb(words);
        for (int half = 0; half < BlockSize; half += 32)
        {
            for (int i = 0; i < 4; i++)
            {
                int offset = half + (i * 8);
                Access(() => c.mov(registers[i], __qword_ptr[rsi + offset]), "user_copy_bytes");
            }
            for (int i = 0; i < 4; i++)
            {
                int offset = half + (i * 8);
                Access(() => c.mov(__qword_ptr[rdi + offset], registers[i]), "user_copy_bytes");
            }
        }
        c.add(rsi, BlockSize);
        c.add(rdi, BlockSize);
        c.sub(rcx, BlockSize);
        c.jmp(block);
        c.Label(ref words);
        c.cmp(rcx, 8);
        c.jb(bytes);
        Access(() => c.mov(r8, __qword_ptr[rsi]), "user_copy_bytes");
        Access(() => c.mov(__qword_ptr[rdi], r8), "user_copy_bytes");
        c.add(rsi, 8);
        c.add(rdi, 8);
        c.sub(rcx, 8);
        c.jmp(words);
        c.Label(ref bytes);
        c.test(rcx, rcx);
        c.jz(done);
        Access(() => c.movzx(eax, __byte_ptr[rsi]), "user_copy_end");
        Access(() => c.mov(__byte_ptr[rdi], al), "user_copy_end");
        c.inc(rsi);
        c.inc(rdi);
        c.dec(rcx);
        c.jmp(bytes);
        c.Label(ref done);
        CloseUser(c);
        c.mov(rax, rcx);
        c.ret();
        b.Export("user_copy_bytes");
        c.jmp(bytes);
        b.Export("user_copy_end");
        c.jmp(done);
    }

    // nuint ArchUserFill(void* destination, byte value, nuint length): bytes not written. Steps as in ArchUserCopy.
    private static void BuildFill(StubObject o, DataBlock table)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label block = c.CreateLabel();
        Label bytes = c.CreateLabel();
        Label done = c.CreateLabel();
        b.Export("ArchUserFill");
        OpenUser(c);
        c.mov(rcx, rdx);
        c.movzx(eax, sil);
        c.mov(r8, 0x0101_0101_0101_0101L);
        c.imul(rax, r8);
        c.Label(ref block);
        c.cmp(rcx, BlockSize);
        c.jb(bytes);
        for (int offset = 0; offset < BlockSize; offset += 8)
        {
            string name = "user_fill_access" + offset;
            b.Export(name);
            c.mov(__qword_ptr[rdi + offset], rax);
            Row(table, name, "user_fill_bytes");
        }
        c.add(rdi, BlockSize);
        c.sub(rcx, BlockSize);
        c.jmp(block);
        c.Label(ref bytes);
        c.test(rcx, rcx);
        c.jz(done);
        b.Export("user_fill_byte");
        c.mov(__byte_ptr[rdi], al);
        Row(table, "user_fill_byte", "user_fill_end");
        c.inc(rdi);
        c.dec(rcx);
        c.jmp(bytes);
        c.Label(ref done);
        CloseUser(c);
        c.mov(rax, rcx);
        c.ret();
        b.Export("user_fill_bytes");
        c.jmp(bytes);
        b.Export("user_fill_end");
        c.jmp(done);
    }

    // nint ArchUserCopyString(byte* destination, byte* source, nuint limit): length without the zero (which is copied too), `limit` when there is none
    // within the limit, the bitwise complement of the bytes copied at a fault
    private static void BuildCopyString(StubObject o, DataBlock table)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        b.Export("ArchUserCopyString");
        OpenUser(c);
        c.xor(eax, eax);
        c.Label(ref next);
        c.cmp(rax, rdx);
        c.jae(done);
        b.Export("user_string_access");
        c.movzx(ecx, __byte_ptr[rsi + rax]);
        c.mov(__byte_ptr[rdi + rax], cl);
        c.test(ecx, ecx);
        c.jz(done);
        c.inc(rax);
        c.jmp(next);
        b.Export("user_string_fixup");
        c.not(rax); // how far it came, told apart from a length by its sign
        c.Label(ref done);
        CloseUser(c);
        c.ret();
        Row(table, "user_string_access", "user_string_fixup");
    }

    // bool ArchUserCompareExchange32(uint* address, uint* expected, uint desired): false at a fault; *expected gets what was there
    private static void BuildCompareExchange(StubObject o, DataBlock table)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchUserCompareExchange32");
        c.mov(eax, __dword_ptr[rsi]);
        OpenUser(c);
        b.Export("user_cmpxchg_access");
        c.@lock.cmpxchg(__dword_ptr[rdi], edx);
        CloseUser(c);
        c.mov(__dword_ptr[rsi], eax);
        c.mov(eax, 1);
        c.ret();
        b.Export("user_cmpxchg_fixup");
        CloseUser(c);
        c.xor(eax, eax);
        c.ret();
        Row(table, "user_cmpxchg_access", "user_cmpxchg_fixup");
    }

    // bool ArchUserLoad32(uint* address, uint* value): one indivisible load; false at a fault
    private static void BuildLoad(StubObject o, DataBlock table)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchUserLoad32");
        OpenUser(c);
        b.Export("user_load_access");
        c.mov(eax, __dword_ptr[rdi]);
        CloseUser(c);
        c.mov(__dword_ptr[rsi], eax);
        c.mov(eax, 1);
        c.ret();
        b.Export("user_load_fixup");
        CloseUser(c);
        c.xor(eax, eax);
        c.ret();
        Row(table, "user_load_access", "user_load_fixup");
    }
}
