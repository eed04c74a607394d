// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The last words of a dying kernel, and the first of a booting one: polled serial output that needs nothing to be initialised.</summary>
internal sealed class DebugStubs : StubModule
{
    private const int SerialData = 0x3f8;
    private const int SerialLineStatus = 0x3fd;
    private const byte TransmitterEmpty = 0x20; // 16550 LSR bit 5, THRE

    public override void Build(StubObject o)
    {
        BuildWrite(o);
        BuildHalt(o);
    }

    // void ArchDebugWrite(byte* text, nint length)
    private static void BuildWrite(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label next = c.CreateLabel();
        Label wait = c.CreateLabel();
        Label done = c.CreateLabel();

        b.Export("ArchDebugWrite");
        c.Label(ref next);
        c.test(rsi, rsi);
        c.jle(done);
        c.mov(edx, SerialLineStatus);
        c.Label(ref wait);
        c.@in(al, dx);
        c.test(al, TransmitterEmpty);
        c.jz(wait);
        c.mov(al, __byte_ptr[rdi]);
        c.mov(edx, SerialData);
        c.@out(dx, al);
        c.inc(rdi);
        c.dec(rsi);
        c.jmp(next);
        c.Label(ref done);
        c.ret();
    }

    // [DoesNotReturn] void ArchHalt()
    private static void BuildHalt(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label stop = c.CreateLabel();

        b.Export("ArchHalt");
        c.Label(ref stop);
        c.cli();
        c.hlt();
        c.jmp(stop);
    }
}
