# SPDX-License-Identifier: MPL-2.0
#
# Traps. In user mode sscratch is the CPU's block, in the kernel it is 0; tp is the block in the kernel.
#
# From the kernel: the frame lies on the interrupted stack, and KernelTrap(frame) of Ostd.Core runs. tp is not restored at the end: the task may go on on another CPU.
# From user mode: the registers go to the user thread's block, and a trap is the return of ArchEnterUser.

    .include "layout.inc"

    .section .text.stubs, "ax"
    .globl  trap_entry
    .p2align 2
trap_entry:
    .cfi_startproc
    .cfi_undefined ra
    csrrw   tp, sscratch, tp
    bnez    tp, from_user
    csrrw   tp, sscratch, zero

# A stack without room for the frame faults at the probe, and comes here a second time: what the first trap was about is kept in the CPU's block.
    sd      t0, CPU_SCRATCH(tp)
    sd      t1, CPU_SCRATCH + 8(tp)
    csrr    t0, sepc
    lla     t1, trap_probe
    beq     t0, t1, no_stack
    sd      t0, CPU_TRAP_PC(tp)
    csrr    t0, sstatus
    sd      t0, CPU_TRAP_STATUS(tp)
    csrr    t0, scause
    sd      t0, CPU_TRAP_CAUSE(tp)
    csrr    t0, stval
    sd      t0, CPU_TRAP_VALUE(tp)
    ld      t0, CPU_SCRATCH(tp)
    ld      t1, CPU_SCRATCH + 8(tp)
trap_probe:
    sd      t0, -FRAME_SIZE(sp)
    addi    sp, sp, -FRAME_SIZE
    .irp    n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, \n * 8(sp)
    .endr
    sd      tp, 4 * 8(sp)
    addi    t0, sp, FRAME_SIZE
    sd      t0, 2 * 8(sp)
    ld      t2, CPU_TRAP_CAUSE(tp)
trap_framed:
    ld      t0, CPU_TRAP_PC(tp)
    ld      t1, CPU_TRAP_STATUS(tp)
    ld      t3, CPU_TRAP_VALUE(tp)
    sd      t1, FRAME_STATUS(sp)
    sd      t3, FRAME_VALUE(sp)

# An allocation that was interrupted before its commit begins anew: nobody may run in between, another task of this CPU least of all.
    lla     t1, RhpNewFast
    bltu    t0, t1, 1f
    lla     t3, runtime_new_array_committed
    bgeu    t0, t3, 1f
    lla     t3, runtime_new_object_committed
    bltu    t0, t3, 2f
    lla     t1, RhpNewArray
    bltu    t0, t1, 1f
2:  mv      t0, t1
1:  sd      t0, 0(sp)
    bltz    t2, 4f
3:  sd      t2, FRAME_CAUSE(sp)
    li      t0, STATUS_SUM
    csrc    sstatus, t0
    mv      a0, sp
    call    KernelTrap
    .globl  trap_common_return
trap_common_return:
    ld      t0, 0(sp)
    csrw    sepc, t0
    ld      t0, FRAME_STATUS(sp)
    csrw    sstatus, t0
    .irp    n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, \n * 8(sp)
    .endr
    ld      sp, 2 * 8(sp)
    sret

4:  jal     t4, quiet_interrupt
    j       3b

# The stack is full, or none. The frame goes to a stack of the CPU's own; t0 and t1 are in CPU_SCRATCH as the first trap found them.
no_stack:
    ld      t0, CPU_EMERGENCY_STACK(tp)
    addi    t0, t0, -FRAME_SIZE
    sd      sp, 2 * 8(t0)
    mv      sp, t0
    ld      t0, CPU_SCRATCH(tp)
    ld      t1, CPU_SCRATCH + 8(tp)
    .irp    n, 1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, \n * 8(sp)
    .endr
    sd      tp, 4 * 8(sp)
    csrr    t0, stval
    sd      t0, CPU_TRAP_VALUE(tp)
    li      t2, CAUSE_STACK
    j       trap_framed

from_user:
    sd      a0, CPU_SCRATCH(tp)
    ld      a0, CPU_USER_BLOCK(tp)
    .irp    n, 1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, \n * 8(a0)
    .endr
    ld      t0, CPU_SCRATCH(tp)
    sd      t0, 10 * 8(a0)
    csrrw   t0, sscratch, zero
    sd      t0, 4 * 8(a0)
    csrr    t0, sepc
    sd      t0, 0(a0)
    csrr    t0, sstatus
    sd      t0, FRAME_STATUS(a0)
    csrr    t0, stval
    sd      t0, FRAME_VALUE(a0)
    csrr    t2, scause
    bgez    t2, 5f
    jal     t4, quiet_interrupt
5:  sd      t2, FRAME_CAUSE(a0)
    ld      sp, BLOCK_KERNEL_SP(a0)
    RESTORE_PRESERVED
    ret
    .cfi_endproc

# Takes back what would interrupt again at once. Another CPU's interrupt is acknowledged, and its cause in t2 changed if the sender asked to stop; the timer's stays up until it is set anew, so it is masked
# until then. Uses t0 and t1; returns to t4.
    .p2align 2
quiet_interrupt:
    slli    t0, t2, 1
    li      t1, CAUSE_TIMER_INTERRUPT << 1
    bne     t0, t1, 2f
    li      t1, INTERRUPT_TIMER
    csrc    sie, t1
    jr      t4
2:  li      t1, CAUSE_SOFTWARE_INTERRUPT << 1
    bne     t0, t1, 1f
    csrci   sip, INTERRUPT_SOFTWARE
    addi    t1, tp, CPU_STOP_REQUEST
    amoswap.w.aqrl t0, zero, (t1)
    beqz    t0, 1f
    li      t2, CAUSE_STOP
1:  jr      t4

# void ArchEnterUser(byte* block): with interrupts off; returns with interrupts off when user mode is left, for whatever reason.
FUNCTION ArchEnterUser
    SAVE_PRESERVED
    sd      sp, BLOCK_KERNEL_SP(a0)
    sd      a0, CPU_USER_BLOCK(tp)
    csrw    sscratch, tp
    ld      t0, 0(a0)
    csrw    sepc, t0
    li      t0, STATUS_SPP
    csrc    sstatus, t0
    li      t0, STATUS_SPIE | STATUS_FS
    csrs    sstatus, t0
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, \n * 8(a0)
    .endr
    ld      a0, 10 * 8(a0)
    sret
END ArchEnterUser

# void ArchSwitchContext(nuint* savedStackPointer, nuint newStackPointer)
FUNCTION ArchSwitchContext
    SAVE_PRESERVED
    sd      sp, 0(a0)
    mv      sp, a1
    RESTORE_PRESERVED
    ret
END ArchSwitchContext

# The first switch to a task returns here.
FUNCTION task_start
    .cfi_undefined ra
    li      s0, 0
    li      ra, 0
    call    TaskEntry
    unimp
END task_start

FUNCTION ArchTaskStartAddress
    lla     a0, task_start
    ret
END ArchTaskStartAddress

# void ArchSaveFloats(byte* block) / ArchLoadFloats(byte* block): f0 to f31 and fcsr of a user thread. The kernel's own code has no floating point.
    .option push
    .option arch, +d
FUNCTION ArchSaveFloats
    li      t0, STATUS_FS
    csrs    sstatus, t0
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsd     f\n, BLOCK_FLOATS + \n * 8(a0)
    .endr
    frcsr   t0
    sd      t0, BLOCK_FCSR(a0)
    ret
END ArchSaveFloats

FUNCTION ArchLoadFloats
    li      t0, STATUS_FS
    csrs    sstatus, t0
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld     f\n, BLOCK_FLOATS + \n * 8(a0)
    .endr
    ld      t0, BLOCK_FCSR(a0)
    fscsr   t0
    ret
END ArchLoadFloats
    .option pop
