# SPDX-License-Identifier: MPL-2.0
#
# What C# cannot say: the first instruction, registers, and the block operations that LLVM calls. RISC-V, psABI lp64d.

    .option norelax
    .text

    .globl  _start
_start:
    mv      a0, sp
    andi    sp, sp, -16
    call    HostStart
    unimp

    .globl  ArchThreadStaticsSize
ArchThreadStaticsSize:
    lla     a0, AsterionThreadStaticsSize
    ld      a0, 0(a0)
    ret

# A context (RegisterDisplay in C#) is IP and 64 registers by their DWARF numbers.
    .set    CONTEXT_SIZE, 528
    .set    X, 8
    .set    F, 8 + 32 * 8

# Does an instruction with each register that calls preserve.
    .macro  EACH_PRESERVED integer, float, context
    .irp    n, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    \integer x\n, X + \n * 8(\context)
    \float  f\n, F + \n * 8(\context)
    .endr
    .endm

# A throw: the caller's registers in a context, its address as the second argument.
    .macro  CAPTURE function
    addi    sp, sp, -CONTEXT_SIZE
    sd      ra, 0(sp)
    sd      ra, X + 1 * 8(sp)
    addi    a1, sp, CONTEXT_SIZE
    sd      a1, X + 2 * 8(sp)
    EACH_PRESERVED sd, fsd, sp
    mv      a1, sp
    call    \function
    unimp
    .endm

    .globl  RhpThrowEx
RhpThrowEx:
    CAPTURE AsterionThrow

    .globl  RhpRethrow
RhpRethrow:
    CAPTURE AsterionRethrow

    .globl  _Unwind_Resume
_Unwind_Resume:
    CAPTURE AsterionResume

    .globl  ArchContinue
ArchContinue:
    EACH_PRESERVED ld, fld, a0
    ld      t0, 0(a0)
    ld      sp, X + 2 * 8(a0)
    mv      a0, a1
    mv      a1, a2
    jr      t0

# Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
    .globl  AsterionPersonality
AsterionPersonality:
    unimp

# Words where both sides are aligned, bytes elsewhere; from the end where the target lies behind the source and overlaps it.
    .globl  memcpy
    .globl  memmove
memcpy:
memmove:
    add     t0, a0, a2
    sub     t1, a0, a1
    bltu    t1, a2, 4f
    mv      t1, a0
    or      t2, a0, a1
    andi    t2, t2, 7
    bnez    t2, 2f
    andi    t3, a2, -8
    add     t3, a0, t3
1:  beq     t1, t3, 2f
    ld      t2, 0(a1)
    sd      t2, 0(t1)
    addi    a1, a1, 8
    addi    t1, t1, 8
    j       1b
2:  beq     t1, t0, 3f
    lbu     t2, 0(a1)
    sb      t2, 0(t1)
    addi    a1, a1, 1
    addi    t1, t1, 1
    j       2b
3:  ret
4:  add     a1, a1, a2
5:  beq     t0, a0, 3b
    addi    a1, a1, -1
    addi    t0, t0, -1
    lbu     t2, 0(a1)
    sb      t2, 0(t0)
    j       5b

    .globl  memset
memset:
    add     t0, a0, a2
    mv      t1, a0
1:  beq     t1, t0, 2f
    sb      a1, 0(t1)
    addi    t1, t1, 1
    j       1b
2:  ret

    .section .note.GNU-stack, "", @progbits
