# SPDX-License-Identifier: MPL-2.0
#
# What C# cannot say: the first instruction, registers, and the block operations that LLVM calls. LoongArch, psABI lp64d.

    .text

    .globl  _start
_start:
    move    $a0, $sp
    bstrins.d $sp, $zero, 3, 0
    bl      HostStart
    break   0

    .globl  ArchThreadStaticsSize
ArchThreadStaticsSize:
    la.local $a0, AsterionThreadStaticsSize
    ld.d    $a0, $a0, 0
    ret

# A context (RegisterDisplay in C#) is IP and 64 registers by their DWARF numbers.
    .set    CONTEXT_SIZE, 528
    .set    R, 8
    .set    F, 8 + 32 * 8

# Does an instruction with each register that calls preserve.
    .macro  EACH_PRESERVED integer, float, context
    .irp    n, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \integer $r\n, \context, R + \n * 8
    .endr
    .irp    n, 24, 25, 26, 27, 28, 29, 30, 31
    \float  $f\n, \context, F + \n * 8
    .endr
    .endm

# A throw: the caller's registers in a context, its address as the second argument.
    .macro  CAPTURE function
    addi.d  $sp, $sp, -CONTEXT_SIZE
    st.d    $ra, $sp, 0
    st.d    $ra, $sp, R + 1 * 8
    addi.d  $a1, $sp, CONTEXT_SIZE
    st.d    $a1, $sp, R + 3 * 8
    EACH_PRESERVED st.d, fst.d, $sp
    move    $a1, $sp
    bl      \function
    break   0
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
    EACH_PRESERVED ld.d, fld.d, $a0
    ld.d    $t0, $a0, 0
    ld.d    $sp, $a0, R + 3 * 8
    move    $a0, $a1
    move    $a1, $a2
    jr      $t0

# Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
    .globl  AsterionPersonality
AsterionPersonality:
    break   0

# Words where both sides are aligned, bytes elsewhere; from the end where the target lies behind the source and overlaps it.
    .globl  memcpy
    .globl  memmove
memcpy:
memmove:
    add.d   $t0, $a0, $a2
    sub.d   $t1, $a0, $a1
    bltu    $t1, $a2, 4f
    move    $t1, $a0
    or      $t2, $a0, $a1
    andi    $t2, $t2, 7
    bnez    $t2, 2f
    srli.d  $t3, $a2, 3
    alsl.d  $t3, $t3, $a0, 3
1:  beq     $t1, $t3, 2f
    ld.d    $t2, $a1, 0
    st.d    $t2, $t1, 0
    addi.d  $a1, $a1, 8
    addi.d  $t1, $t1, 8
    b       1b
2:  beq     $t1, $t0, 3f
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t1, 0
    addi.d  $a1, $a1, 1
    addi.d  $t1, $t1, 1
    b       2b
3:  ret
4:  add.d   $a1, $a1, $a2
5:  beq     $t0, $a0, 3b
    addi.d  $a1, $a1, -1
    addi.d  $t0, $t0, -1
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t0, 0
    b       5b

    .globl  memset
memset:
    add.d   $t0, $a0, $a2
    move    $t1, $a0
1:  beq     $t1, $t0, 2f
    st.b    $a1, $t1, 0
    addi.d  $t1, $t1, 1
    b       1b
2:  ret

    .section .note.GNU-stack, "", @progbits
