# SPDX-License-Identifier: MPL-2.0
#
# Traps. tp is the CPU's block in the kernel; in user mode it is in a register of the CPU's. PRMD tells where a trap came from.
#
# From the kernel: the frame lies on the interrupted stack, and KernelTrap(frame) of Ostd.Core runs. tp is not restored at the end: the task may go on on another CPU.
# From user mode: the registers go to the user thread's block, and a trap is the return of ArchEnterUser.
#
# An access to mapped memory of the kernel can be a trap itself, of a stale entry of the TLB, and change ERA, PRMD, ESTAT and BADV: so they are read before the first one, and written after the last.

    .include "layout.inc"

    .section .text.stubs, "ax"
    .globl  trap_entry
    .p2align 12
trap_entry:
    .cfi_startproc
    .cfi_undefined 1
    csrwr   $t0, CSR_TRAP_T0
    csrwr   $t1, CSR_TRAP_T1
    csrrd   $t0, CSR_ESTAT
    bstrpick.d $t0, $t0, 21, 16
    addi.d  $t0, $t0, -1
    sltui   $t1, $t0, 4
    bnez    $t1, tlb_exception
trap_not_stale:
    csrrd   $t0, CSR_PRMD
    andi    $t0, $t0, MODE_LEVEL
    bnez    $t0, from_user

# A stack without room for the frame faults at the probe, and comes here a second time: what the first trap was about is kept in the CPU's block.
    csrrd   $t0, CSR_ERA
    la.pcrel $t1, trap_probe
    beq     $t0, $t1, no_stack
    st.d    $t0, $tp, CPU_TRAP_PC
    csrrd   $t0, CSR_PRMD
    st.d    $t0, $tp, CPU_TRAP_STATUS
    csrrd   $t0, CSR_ESTAT
    st.d    $t0, $tp, CPU_TRAP_CAUSE
    csrrd   $t0, CSR_BADV
    st.d    $t0, $tp, CPU_TRAP_VALUE
    csrrd   $t0, CSR_TRAP_T0
    csrrd   $t1, CSR_TRAP_T1
trap_probe:
    st.d    $zero, $sp, -FRAME_SIZE
    addi.d  $sp, $sp, -FRAME_SIZE
    .irp    n, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    st.d    $r\n, $sp, \n * 8
    .endr
    st.d    $tp, $sp, 2 * 8
    addi.d  $t0, $sp, FRAME_SIZE
    st.d    $t0, $sp, 3 * 8
    ld.d    $t2, $tp, CPU_TRAP_CAUSE
    bstrpick.d $t2, $t2, 30, 16
    bnez    $t2, trap_framed
    bl      quiet_interrupt
trap_framed:
    ld.d    $t0, $tp, CPU_TRAP_PC
    ld.d    $t1, $tp, CPU_TRAP_STATUS
    ld.d    $t3, $tp, CPU_TRAP_VALUE
    st.d    $t2, $sp, FRAME_CAUSE
    st.d    $t1, $sp, FRAME_STATUS
    st.d    $t3, $sp, FRAME_VALUE

# An allocation that was interrupted before its commit begins anew: nobody may run in between, another task of this CPU least of all.
    la.pcrel $t1, RhpNewFast
    bltu    $t0, $t1, 3f
    la.pcrel $t3, runtime_new_array_committed
    bgeu    $t0, $t3, 3f
    la.pcrel $t3, runtime_new_object_committed
    bltu    $t0, $t3, 2f
    la.pcrel $t1, RhpNewArray
    bltu    $t0, $t1, 3f
2:  move    $t0, $t1

# A wait that an interrupt has come before is over.
3:  la.pcrel $t1, wait_for_interrupt
    bne     $t0, $t1, 1f
    addi.d  $t0, $t0, 4
1:  st.d    $t0, $sp, FRAME_PC
    move    $a0, $sp
    bl      KernelTrap
    .globl  trap_common_return
trap_common_return:
    ld.d    $t0, $sp, 0
    ld.d    $t1, $sp, FRAME_SIZE - 8
    ld.d    $t0, $sp, FRAME_PC
    ld.d    $t1, $sp, FRAME_STATUS
    csrwr   $t0, CSR_ERA
    csrwr   $t1, CSR_PRMD
    .irp    n, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld.d    $r\n, $sp, \n * 8
    .endr
    ld.d    $sp, $sp, 3 * 8
    ertn

# The stack is full, or none. The frame goes to a stack of the CPU's own.
no_stack:
    ld.d    $t0, $tp, CPU_EMERGENCY_STACK
    addi.d  $t0, $t0, -FRAME_SIZE
    st.d    $sp, $t0, 3 * 8
    move    $sp, $t0
    csrrd   $t0, CSR_BADV
    st.d    $t0, $tp, CPU_TRAP_VALUE
    csrrd   $t0, CSR_TRAP_T0
    csrrd   $t1, CSR_TRAP_T1
    st.d    $zero, $sp, 0
    .irp    n, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    st.d    $r\n, $sp, \n * 8
    .endr
    st.d    $tp, $sp, 2 * 8
    lu12i.w $t2, CAUSE_STACK >> 12
    ori     $t2, $t2, CAUSE_STACK & 0xfff
    b       trap_framed

from_user:
    csrwr   $tp, CSR_BLOCK
    csrrd   $t0, CSR_ERA
    st.d    $t0, $tp, CPU_TRAP_PC
    csrrd   $t0, CSR_PRMD
    st.d    $t0, $tp, CPU_TRAP_STATUS
    csrrd   $t0, CSR_ESTAT
    st.d    $t0, $tp, CPU_TRAP_CAUSE
    csrrd   $t0, CSR_BADV
    st.d    $t0, $tp, CPU_TRAP_VALUE
    csrrd   $t0, CSR_TRAP_T0
    csrrd   $t1, CSR_TRAP_T1
    st.d    $a0, $tp, CPU_SCRATCH
    ld.d    $a0, $tp, CPU_USER_BLOCK
    .irp    n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    st.d    $r\n, $a0, \n * 8
    .endr
    ld.d    $t0, $tp, CPU_SCRATCH
    st.d    $t0, $a0, 4 * 8
    move    $t0, $tp
    csrwr   $t0, CSR_BLOCK
    st.d    $t0, $a0, 2 * 8
    ld.d    $t0, $tp, CPU_TRAP_PC
    st.d    $t0, $a0, FRAME_PC
    ld.d    $t0, $tp, CPU_TRAP_STATUS
    st.d    $t0, $a0, FRAME_STATUS
    ld.d    $t0, $tp, CPU_TRAP_VALUE
    st.d    $t0, $a0, FRAME_VALUE
    ld.d    $sp, $a0, BLOCK_KERNEL_SP
    ld.d    $t2, $tp, CPU_TRAP_CAUSE
    bstrpick.d $t2, $t2, 30, 16
    bnez    $t2, 5f
    bl      quiet_interrupt
5:  st.d    $t2, $a0, FRAME_CAUSE
    RESTORE_PRESERVED
    ret
    .cfi_endproc

# Finds out which interrupt it is, and takes back what would interrupt again at once; that of a device is its controller's to take back. A sender that asked to stop changes the cause. Leaves the cause in t2; uses t0 and t1.
    .p2align 2
quiet_interrupt:
    csrrd   $t0, CSR_ESTAT
    csrrd   $t1, CSR_ECFG
    and     $t0, $t0, $t1
    lu52i.d $t2, $zero, -2048
    bstrpick.d $t1, $t0, CAUSE_INTER_PROCESSOR, CAUSE_INTER_PROCESSOR
    bnez    $t1, 1f
    bstrpick.d $t1, $t0, CAUSE_TIMER_INTERRUPT, CAUSE_TIMER_INTERRUPT
    bnez    $t1, 2f
    bstrpick.d $t1, $t0, CAUSE_DEVICE_INTERRUPT, CAUSE_DEVICE_INTERRUPT
    beqz    $t1, 3f
    ori     $t2, $t2, CAUSE_DEVICE_INTERRUPT
3:  ret
2:  ori     $t0, $zero, 1
    csrwr   $t0, CSR_TICLR
    ori     $t2, $t2, CAUSE_TIMER_INTERRUPT
    ret
1:  ori     $t2, $t2, CAUSE_INTER_PROCESSOR
    lu12i.w $t1, 1
    iocsrrd.w $t0, $t1
    ori     $t1, $t1, 0xc
    iocsrwr.w $t0, $t1
    addi.d  $t1, $tp, CPU_STOP_REQUEST
    amswap_db.w $t0, $zero, $t1
    beqz    $t0, 3b
    lu12i.w $t2, CAUSE_STOP >> 12
    ori     $t2, $t2, CAUSE_STOP & 0xfff
    ret

# An entry of the TLB that is not valid (a load, a store, a fetch: 0, 1, 2 in t0) or not to be written (3). If the tables allow the access, it is an entry of before, or the first access or write: the page is marked, the
# entry renewed, and the access tried again. If not, it is a page fault. Page tables lie in the linear map; nothing here can be a trap but a refill for the code itself.
tlb_exception:
    csrwr   $t2, CSR_STALE_T2
    csrwr   $t3, CSR_STALE_T3
    csrrd   $t2, CSR_PGD
    .irp    high, 46, 35
    lu52i.d $t2, $t2, -0x700
    csrrd   $t1, CSR_BADV
    bstrpick.d $t1, $t1, \high, \high - 10
    alsl.d  $t2, $t1, $t2, 3
    ld.d    $t2, $t2, 0
    beqz    $t2, tlb_fault
    bstrins.d $t2, $zero, PAGE_SHIFT - 1, 0
    .endr
    lu52i.d $t2, $t2, -0x700
    csrrd   $t1, CSR_BADV
    bstrpick.d $t1, $t1, 24, 14
    alsl.d  $t2, $t1, $t2, 3
1:  ll.d    $t3, $t2, 0
    andi    $t1, $t3, ENTRY_PRESENT
    beqz    $t1, tlb_fault
    andi    $t1, $t0, 1
    bnez    $t1, 2f
    beqz    $t0, 3f
    slli.d  $t1, $t3, 1 # a fetch: bit 62 forbids it
    bltz    $t1, tlb_fault
    b       3f
2:  andi    $t1, $t3, ENTRY_WRITE
    beqz    $t1, tlb_fault
    ori     $t3, $t3, ENTRY_WRITABLE | ENTRY_DIRTY
3:  ori     $t3, $t3, ENTRY_VALID | ENTRY_ACCESSED
    sc.d    $t3, $t2, 0
    beqz    $t3, 1b
    bstrins.d $t2, $zero, 3, 3
    ld.d    $t3, $t2, 0
    ld.d    $t2, $t2, 8
    csrrd   $t1, CSR_BADV
    bgez    $t1, 4f
    ori     $t3, $t3, ENTRY_GLOBAL
    ori     $t2, $t2, ENTRY_GLOBAL
4:  tlbsrch
    csrrd   $t1, CSR_TLBIDX
    bstrpick.d $t1, $t1, 31, 31
    bnez    $t1, 5f # gone meanwhile: there will be a refill
    csrwr   $t3, CSR_TLBELO0
    csrwr   $t2, CSR_TLBELO1
    tlbwr
5:  csrrd   $t3, CSR_STALE_T3
    csrrd   $t2, CSR_STALE_T2
    csrrd   $t1, CSR_TRAP_T1
    csrrd   $t0, CSR_TRAP_T0
    ertn

tlb_fault:
    csrrd   $t3, CSR_STALE_T3
    csrrd   $t2, CSR_STALE_T2
    b       trap_not_stale

# void ArchEnterUser(byte* block): with interrupts off; returns with interrupts off when user mode is left, for whatever reason.
FUNCTION ArchEnterUser
    SAVE_PRESERVED
    st.d    $sp, $a0, BLOCK_KERNEL_SP
    st.d    $a0, $tp, CPU_USER_BLOCK
    ld.d    $t0, $a0, BLOCK_SIZE - 8
    ld.d    $t0, $a0, 0
    ld.d    $t0, $a0, FRAME_PC
    csrwr   $t0, CSR_ERA
    ori     $t0, $zero, MODE_LEVEL | MODE_INTERRUPTS
    csrwr   $t0, CSR_PRMD
    .irp    n, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld.d    $r\n, $a0, \n * 8
    .endr
    ld.d    $a0, $a0, 4 * 8
    ertn
END ArchEnterUser

# void ArchSwitchContext(nuint* savedStackPointer, nuint newStackPointer)
FUNCTION ArchSwitchContext
    SAVE_PRESERVED
    st.d    $sp, $a0, 0
    move    $sp, $a1
    RESTORE_PRESERVED
    ret
END ArchSwitchContext

# The first switch to a task returns here.
FUNCTION task_start
    .cfi_undefined 1
    move    $fp, $zero
    move    $ra, $zero
    bl      TaskEntry
    break   0
END task_start

FUNCTION ArchTaskStartAddress
    la.pcrel $a0, task_start
    ret
END ArchTaskStartAddress

# void ArchSaveFloats(byte* block) / ArchLoadFloats(byte* block): the floating-point registers of a user thread. The kernel's own code has no floating point.
FUNCTION ArchSaveFloats
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fst.d   $f\n, $a0, BLOCK_FLOATS + \n * 8
    .endr
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
    movcf2gr $t0, $fcc\n
    st.b    $t0, $a0, BLOCK_FCC + \n
    .endr
    movfcsr2gr $t0, $fcsr0
    st.w    $t0, $a0, BLOCK_FCSR
    ret
END ArchSaveFloats

FUNCTION ArchLoadFloats
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld.d   $f\n, $a0, BLOCK_FLOATS + \n * 8
    .endr
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7
    ld.bu   $t0, $a0, BLOCK_FCC + \n
    movgr2cf $fcc\n, $t0
    .endr
    ld.w    $t0, $a0, BLOCK_FCSR
    movgr2fcsr $fcsr0, $t0
    ret
END ArchLoadFloats
