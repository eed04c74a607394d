# SPDX-License-Identifier: MPL-2.0
#
# Accesses to user memory that may fault. Each faulting instruction has a row in the fixup table: when the page fault handler cannot make the page accessible, execution goes on at the fixup, which reports how
# much was not done. User pages are accessible while sstatus.SUM is set only. The caller has checked that the range lies in user space.

    .include "layout.inc"

    .macro  OPEN_USER
    li      t6, STATUS_SUM
    csrs    sstatus, t6
    .endm

    .macro  CLOSE_USER
    li      t6, STATUS_SUM
    csrc    sstatus, t6
    .endm

# An access with the place where execution goes on.
    .macro  TRY target, instruction:vararg
99: \instruction
    .pushsection .rodata.fixup, "a"
    .dword  99b, \target
    .popsection
    .endm

    .section .rodata.fixup, "a"
    .p2align 3
user_fixup_table:

    .section .text.stubs, "ax"

# nuint ArchUserCopy(void* destination, void* source, nuint length): bytes not copied. Either side may be the user's. A fault within a larger step goes on byte by byte from the step's start (copying
# some bytes twice), so that the count is exact; a fault of a byte ends.
FUNCTION ArchUserCopy
    OPEN_USER
    xor     t0, a0, a1
    andi    t0, t0, 7
    bnez    t0, user_copy_bytes
user_copy_align:
    andi    t0, a0, 7
    beqz    t0, user_copy_words
    beqz    a2, user_copy_done
    TRY     user_copy_done, lbu t0, 0(a1)
    TRY     user_copy_done, sb t0, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, 1
    addi    a2, a2, -1
    j       user_copy_align
user_copy_words:
    li      t5, 32
1:  bltu    a2, t5, 2f
    TRY     user_copy_bytes, ld t0, 0(a1)
    TRY     user_copy_bytes, ld t1, 8(a1)
    TRY     user_copy_bytes, ld t2, 16(a1)
    TRY     user_copy_bytes, ld t3, 24(a1)
    TRY     user_copy_bytes, sd t0, 0(a0)
    TRY     user_copy_bytes, sd t1, 8(a0)
    TRY     user_copy_bytes, sd t2, 16(a0)
    TRY     user_copy_bytes, sd t3, 24(a0)
    addi    a0, a0, 32
    addi    a1, a1, 32
    addi    a2, a2, -32
    j       1b
2:  li      t5, 8
3:  bltu    a2, t5, user_copy_bytes
    TRY     user_copy_bytes, ld t0, 0(a1)
    TRY     user_copy_bytes, sd t0, 0(a0)
    addi    a0, a0, 8
    addi    a1, a1, 8
    addi    a2, a2, -8
    j       3b
user_copy_bytes:
    beqz    a2, user_copy_done
    TRY     user_copy_done, lbu t0, 0(a1)
    TRY     user_copy_done, sb t0, 0(a0)
    addi    a0, a0, 1
    addi    a1, a1, 1
    addi    a2, a2, -1
    j       user_copy_bytes
user_copy_done:
    CLOSE_USER
    mv      a0, a2
    ret
END ArchUserCopy

# nuint ArchUserFill(void* destination, byte value, nuint length): bytes not written.
FUNCTION ArchUserFill
    OPEN_USER
    andi    a1, a1, 0xff
    slli    t0, a1, 8
    or      t1, a1, t0
    slli    t0, t1, 16
    or      t1, t1, t0
    slli    t0, t1, 32
    or      t1, t1, t0
user_fill_align:
    andi    t0, a0, 7
    beqz    t0, 1f
    beqz    a2, user_fill_done
    TRY     user_fill_done, sb t1, 0(a0)
    addi    a0, a0, 1
    addi    a2, a2, -1
    j       user_fill_align
1:  li      t5, 8
2:  bltu    a2, t5, user_fill_bytes
    TRY     user_fill_bytes, sd t1, 0(a0)
    addi    a0, a0, 8
    addi    a2, a2, -8
    j       2b
user_fill_bytes:
    beqz    a2, user_fill_done
    TRY     user_fill_done, sb t1, 0(a0)
    addi    a0, a0, 1
    addi    a2, a2, -1
    j       user_fill_bytes
user_fill_done:
    CLOSE_USER
    mv      a0, a2
    ret
END ArchUserFill

# nint ArchUserCopyString(byte* destination, byte* source, nint limit): length without the zero (which is copied too), limit when there is none within the limit, the bitwise complement of the bytes
# copied at a fault
FUNCTION ArchUserCopyString
    OPEN_USER
    li      t0, 0
1:  bgeu    t0, a2, 2f
    add     t1, a1, t0
    TRY     user_string_fault, lbu t2, 0(t1)
    add     t1, a0, t0
    sb      t2, 0(t1)
    beqz    t2, 2f
    addi    t0, t0, 1
    j       1b
user_string_fault:
    not     t0, t0
2:  CLOSE_USER
    mv      a0, t0
    ret
END ArchUserCopyString

# int ArchUserCompareExchange32(uint* address, uint* expected, uint desired): 0 at a fault; *expected gets what was there
FUNCTION ArchUserCompareExchange32
    lw      t0, 0(a1)
    OPEN_USER
1:  TRY     user_word_fault, lr.w.aqrl t1, (a0)
    bne     t1, t0, 2f
    TRY     user_word_fault, sc.w.rl t2, a2, (a0)
    bnez    t2, 1b
2:  CLOSE_USER
    sw      t1, 0(a1)
    li      a0, 1
    ret
END ArchUserCompareExchange32

# int ArchUserLoad32(uint* address, uint* value): one indivisible load; 0 at a fault
FUNCTION ArchUserLoad32
    OPEN_USER
    TRY     user_word_fault, lw t1, 0(a0)
    CLOSE_USER
    sw      t1, 0(a1)
    li      a0, 1
    ret
user_word_fault:
    CLOSE_USER
    li      a0, 0
    ret
END ArchUserLoad32

FUNCTION ArchFixupTable
    lla     a0, user_fixup_table
    ret
END ArchFixupTable

FUNCTION ArchFixupTableEnd
    lla     a0, user_fixup_table_end
    ret
END ArchFixupTableEnd

# void ArchPageZero(void* page)
FUNCTION ArchPageZero
    li      t0, 4096
    add     t0, t0, a0
1:  .irp    n, 0, 8, 16, 24, 32, 40, 48, 56
    sd      zero, \n(a0)
    .endr
    addi    a0, a0, 64
    bltu    a0, t0, 1b
    ret
END ArchPageZero

# void ArchPageCopy(void* destination, void* source)
FUNCTION ArchPageCopy
    li      t0, 4096
    add     t0, t0, a0
1:  ld      t1, 0(a1)
    ld      t2, 8(a1)
    ld      t3, 16(a1)
    ld      t4, 24(a1)
    sd      t1, 0(a0)
    sd      t2, 8(a0)
    sd      t3, 16(a0)
    sd      t4, 24(a0)
    addi    a0, a0, 32
    addi    a1, a1, 32
    bltu    a0, t0, 1b
    ret
END ArchPageCopy

    .section .rodata.fixup, "a"
user_fixup_table_end:
