# SPDX-License-Identifier: MPL-2.0
#
# Accesses to user memory that may fault. Each faulting instruction has a row in the fixup table: when the page fault handler cannot make the page accessible, execution goes on at the fixup, which reports how
# much was not done. The kernel can always access what user mode can: the CPU has no way to forbid it. The caller has checked that the range lies in user space.

    .include "layout.inc"

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
    xor     $t0, $a0, $a1
    andi    $t0, $t0, 7
    bnez    $t0, user_copy_bytes
user_copy_align:
    andi    $t0, $a0, 7
    beqz    $t0, user_copy_words
    beqz    $a2, user_copy_done
    TRY     user_copy_done, ld.bu $t0, $a1, 0
    TRY     user_copy_done, st.b $t0, $a0, 0
    addi.d  $a0, $a0, 1
    addi.d  $a1, $a1, 1
    addi.d  $a2, $a2, -1
    b       user_copy_align
user_copy_words:
    li.d    $t5, 32
1:  bltu    $a2, $t5, 2f
    TRY     user_copy_bytes, ld.d $t0, $a1, 0
    TRY     user_copy_bytes, ld.d $t1, $a1, 8
    TRY     user_copy_bytes, ld.d $t2, $a1, 16
    TRY     user_copy_bytes, ld.d $t3, $a1, 24
    TRY     user_copy_bytes, st.d $t0, $a0, 0
    TRY     user_copy_bytes, st.d $t1, $a0, 8
    TRY     user_copy_bytes, st.d $t2, $a0, 16
    TRY     user_copy_bytes, st.d $t3, $a0, 24
    addi.d  $a0, $a0, 32
    addi.d  $a1, $a1, 32
    addi.d  $a2, $a2, -32
    b       1b
2:  li.d    $t5, 8
3:  bltu    $a2, $t5, user_copy_bytes
    TRY     user_copy_bytes, ld.d $t0, $a1, 0
    TRY     user_copy_bytes, st.d $t0, $a0, 0
    addi.d  $a0, $a0, 8
    addi.d  $a1, $a1, 8
    addi.d  $a2, $a2, -8
    b       3b
user_copy_bytes:
    beqz    $a2, user_copy_done
    TRY     user_copy_done, ld.bu $t0, $a1, 0
    TRY     user_copy_done, st.b $t0, $a0, 0
    addi.d  $a0, $a0, 1
    addi.d  $a1, $a1, 1
    addi.d  $a2, $a2, -1
    b       user_copy_bytes
user_copy_done:
    move    $a0, $a2
    ret
END ArchUserCopy

# nuint ArchUserFill(void* destination, byte value, nuint length): bytes not written.
FUNCTION ArchUserFill
    andi    $a1, $a1, 0xff
    slli.d  $t0, $a1, 8
    or      $t1, $a1, $t0
    slli.d  $t0, $t1, 16
    or      $t1, $t1, $t0
    slli.d  $t0, $t1, 32
    or      $t1, $t1, $t0
user_fill_align:
    andi    $t0, $a0, 7
    beqz    $t0, 1f
    beqz    $a2, user_fill_done
    TRY     user_fill_done, st.b $t1, $a0, 0
    addi.d  $a0, $a0, 1
    addi.d  $a2, $a2, -1
    b       user_fill_align
1:  li.d    $t5, 8
2:  bltu    $a2, $t5, user_fill_bytes
    TRY     user_fill_bytes, st.d $t1, $a0, 0
    addi.d  $a0, $a0, 8
    addi.d  $a2, $a2, -8
    b       2b
user_fill_bytes:
    beqz    $a2, user_fill_done
    TRY     user_fill_done, st.b $t1, $a0, 0
    addi.d  $a0, $a0, 1
    addi.d  $a2, $a2, -1
    b       user_fill_bytes
user_fill_done:
    move    $a0, $a2
    ret
END ArchUserFill

# nint ArchUserCopyString(byte* destination, byte* source, nint limit): length without the zero (which is copied too), limit when there is none within the limit, the bitwise complement of the bytes
# copied at a fault
FUNCTION ArchUserCopyString
    li.d    $t0, 0
1:  bgeu    $t0, $a2, 2f
    add.d   $t1, $a1, $t0
    TRY     user_string_fault, ld.bu $t2, $t1, 0
    add.d   $t1, $a0, $t0
    st.b    $t2, $t1, 0
    beqz    $t2, 2f
    addi.d  $t0, $t0, 1
    b       1b
user_string_fault:
    nor     $t0, $t0, $zero
2:  move    $a0, $t0
    ret
END ArchUserCopyString

# int ArchUserCompareExchange32(uint* address, uint* expected, uint desired): 0 at a fault; *expected gets what was there
FUNCTION ArchUserCompareExchange32
    ld.w    $t0, $a1, 0
1:  TRY     user_word_fault, ll.w $t1, $a0, 0
    bne     $t1, $t0, 2f
    move    $t2, $a2
    TRY     user_word_fault, sc.w $t2, $a0, 0
    beqz    $t2, 1b
2:
    st.w    $t1, $a1, 0
    li.d    $a0, 1
    ret
END ArchUserCompareExchange32

# int ArchUserLoad32(uint* address, uint* value): one indivisible load; 0 at a fault
FUNCTION ArchUserLoad32
    TRY     user_word_fault, ld.w $t1, $a0, 0
    st.w    $t1, $a1, 0
    li.d    $a0, 1
    ret
user_word_fault:
    li.d    $a0, 0
    ret
END ArchUserLoad32

FUNCTION ArchFixupTable
    la.pcrel $a0, user_fixup_table
    ret
END ArchFixupTable

FUNCTION ArchFixupTableEnd
    la.pcrel $a0, user_fixup_table_end
    ret
END ArchFixupTableEnd

# void ArchPageZero(void* page)
FUNCTION ArchPageZero
    li.d    $t0, PAGE_SIZE
    add.d   $t0, $t0, $a0
1:  .irp    n, 0, 8, 16, 24, 32, 40, 48, 56
    st.d    $zero, $a0, \n
    .endr
    addi.d  $a0, $a0, 64
    bltu    $a0, $t0, 1b
    ret
END ArchPageZero

# void ArchPageCopy(void* destination, void* source)
FUNCTION ArchPageCopy
    li.d    $t0, PAGE_SIZE
    add.d   $t0, $t0, $a0
1:  ld.d    $t1, $a1, 0
    ld.d    $t2, $a1, 8
    ld.d    $t3, $a1, 16
    ld.d    $t4, $a1, 24
    st.d    $t1, $a0, 0
    st.d    $t2, $a0, 8
    st.d    $t3, $a0, 16
    st.d    $t4, $a0, 24
    addi.d  $a0, $a0, 32
    addi.d  $a1, $a1, 32
    bltu    $a0, $t0, 1b
    ret
END ArchPageCopy

    .section .rodata.fixup, "a"
user_fixup_table_end:
