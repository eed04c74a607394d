# SPDX-License-Identifier: MPL-2.0
#
# The refill of the TLB (LoongArch Reference Manual 1.10, volume 1, section 5.4.3.1). It runs without paging, at its physical address, and knows physical addresses alone; registers of its own hold what it interrupted, so
# that it may come anywhere, in the first instruction of a trap too.
#
# An entry of the TLB holds two neighbouring pages. A page that is not mapped gets an entry that is not valid, which the TLB keeps: the access comes back as an exception of its own (trap.S), and so does the first access to a
# page that was mapped meanwhile.
#
# A fetch from a page that is not executable finds it not valid either. To the kernel that is the same fault; QEMU 7.2 would not come back from the one for pages that are not executable (README.md, "Limits").

    .include "layout.inc"

# From a table in \table to that of the next level.
    .macro  DESCEND table, address, temporary, high, low, missing
    bstrpick.d \temporary, \address, \high, \low
    alsl.d  \table, \temporary, \table, 3
    ld.d    \table, \table, 0
    beqz    \table, \missing
    bstrins.d \table, $zero, PAGE_SHIFT - 1, 0
    .endm

    .section .boot.text, "ax"
    .p2align 12
    .globl  tlb_refill
tlb_refill:
    csrwr   $t0, CSR_TLBRSAVE
    csrwr   $t1, CSR_REFILL_T1
    csrwr   $t2, CSR_REFILL_T2
    csrrd   $t0, CSR_TLBRBADV
    csrrd   $t1, CSR_PGD
    DESCEND $t1, $t0, $t2, 46, 36, refill_missing
    DESCEND $t1, $t0, $t2, 35, 25, refill_missing
    bstrpick.d $t2, $t0, 24, 14
    alsl.d  $t1, $t2, $t1, 3
    csrrd   $t2, CSR_TLBRERA
    bstrins.d $t2, $zero, 1, 0
    beq     $t2, $t0, refill_fetch
refill_look:
    ld.d    $t2, $t1, 0
    andi    $t2, $t2, ENTRY_PRESENT | ENTRY_VALID
    addi.d  $t2, $t2, -ENTRY_PRESENT
    beqz    $t2, refill_first_access
refill_pair:
    bstrins.d $t1, $zero, 3, 3
    ld.d    $t2, $t1, 0
    ld.d    $t1, $t1, 8
    bgez    $t0, 1f
    ori     $t2, $t2, ENTRY_GLOBAL
    ori     $t1, $t1, ENTRY_GLOBAL
1:  csrwr   $t2, CSR_TLBRELO0
    csrwr   $t1, CSR_TLBRELO1
    tlbfill
    csrrd   $t0, CSR_TLBRSAVE
    csrrd   $t1, CSR_REFILL_T1
    csrrd   $t2, CSR_REFILL_T2
    ertn

# The address is that of the instruction. Bit 62 forbids to execute.
refill_fetch:
    ld.d    $t2, $t1, 0
    slli.d  $t2, $t2, 1
    bltz    $t2, refill_missing
    b       refill_look

# Another CPU may change the entry at the same time.
refill_first_access:
    ll.d    $t2, $t1, 0
    andi    $t0, $t2, ENTRY_PRESENT
    beqz    $t0, 2f
    ori     $t2, $t2, ENTRY_VALID
    ori     $t2, $t2, ENTRY_ACCESSED
    sc.d    $t2, $t1, 0
    beqz    $t2, refill_first_access
2:  csrrd   $t0, CSR_TLBRBADV
    b       refill_pair

refill_missing:
    move    $t1, $zero
    move    $t2, $zero
    b       1b
