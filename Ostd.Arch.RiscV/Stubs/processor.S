# SPDX-License-Identifier: MPL-2.0
#
# Single privileged instructions as functions, and a CPU's block, for the thin classes of Ostd.Arch. Access to the block is by single instructions relative to tp: neither an interrupt nor a migration can
# come between.

    .include "layout.inc"

    .section .text.stubs, "ax"

# ulong ArchReadFlags(): sstatus
FUNCTION ArchReadFlags
    csrr    a0, sstatus
    ret
END ArchReadFlags

# ulong ArchDisableInterrupts(): sstatus as it was
FUNCTION ArchDisableInterrupts
    csrrci  a0, sstatus, STATUS_SIE
    ret
END ArchDisableInterrupts

FUNCTION ArchEnableInterrupts
    csrsi   sstatus, STATUS_SIE
    ret
END ArchEnableInterrupts

# void ArchRestoreInterrupts(nuint flags)
FUNCTION ArchRestoreInterrupts
    andi    a0, a0, STATUS_SIE
    csrs    sstatus, a0
    ret
END ArchRestoreInterrupts

# WFI ends when an interrupt waits, even one that is held back (Privileged Architecture, 3.3.3): there is no gap.
FUNCTION ArchWaitForInterrupt
    wfi
    csrsi   sstatus, STATUS_SIE
    ret
END ArchWaitForInterrupt

# Zihintpause: a FENCE that older CPUs ignore.
FUNCTION ArchPause
    .insn   i 0x0f, 0, x0, x0, 0x010
    ret
END ArchPause

FUNCTION ArchHalt
1:  csrci   sstatus, STATUS_SIE
    wfi
    j       1b
END ArchHalt

FUNCTION ArchReadTimeStamp
    rdtime  a0
    ret
END ArchReadTimeStamp

FUNCTION ArchReadCycleCounter
    rdtime  a0
    ret
END ArchReadCycleCounter

FUNCTION ArchReadSatp
    csrr    a0, satp
    ret
END ArchReadSatp

# The table may have been changed while it was not in use: there are no address space numbers yet.
FUNCTION ArchWriteSatp
    csrw    satp, a0
    sfence.vma
    ret
END ArchWriteSatp

FUNCTION ArchInvalidatePage
    sfence.vma a0
    ret
END ArchInvalidatePage

FUNCTION ArchInvalidateAll
    sfence.vma
    ret
END ArchInvalidateAll

FUNCTION ArchReadTrapValue
    csrr    a0, stval
    ret
END ArchReadTrapValue

FUNCTION ArchSetInterruptEnable
    csrw    sie, a0
    ret
END ArchSetInterruptEnable

FUNCTION ArchEnableTimer
    li      t0, INTERRUPT_TIMER
    csrs    sie, t0
    ret
END ArchEnableTimer

# User programs may read the time, and count cycles and instructions (scounteren).
FUNCTION ArchSetCounterAccess
    csrw    scounteren, a0
    ret
END ArchSetCounterAccess

# nint ArchCallFirmware(nint a0, nint a1, nint a2, nint function, nint extension): SBI's error. Only a0 and a1 change (SBI 1.0, chapter 3).
FUNCTION ArchCallFirmware
    mv      a6, a3
    mv      a7, a4
    ecall
    ret
END ArchCallFirmware

# void ArchDebugWrite(byte* text, nint length): the UART of QEMU's virt machine, in the linear map.
FUNCTION ArchDebugWrite
    blez    a1, 3f
    li      t0, 0xffff800010000000
1:  lbu     t1, 5(t0)
    andi    t1, t1, 0x20
    beqz    t1, 1b
    lbu     t1, 0(a0)
    sb      t1, 0(t0)
    addi    a0, a0, 1
    addi    a1, a1, -1
    bnez    a1, 1b
3:  ret
END ArchDebugWrite

    .macro  GET name, instruction, offset
FUNCTION \name
    \instruction a0, \offset(tp)
    ret
END \name
    .endm

    .macro  SET name, instruction, offset
FUNCTION \name
    \instruction a0, \offset(tp)
    ret
END \name
    .endm

    GET     ArchPerCpuSelf, ld, CPU_SELF
    GET     ArchGetRuntimeThread, ld, CPU_RUNTIME_THREAD
    SET     ArchSetRuntimeThread, sd, CPU_RUNTIME_THREAD
    GET     ArchGetCurrentTask, ld, CPU_CURRENT_TASK
    SET     ArchSetCurrentTask, sd, CPU_CURRENT_TASK
    GET     ArchGetCpuId, lw, CPU_ID
    GET     ArchGetPreemption, lw, CPU_PREEMPTION
    GET     ArchGetInInterrupt, lw, CPU_IN_INTERRUPT
    SET     ArchSetInInterrupt, sw, CPU_IN_INTERRUPT
    GET     ArchGetCpuHeap, ld, CPU_HEAP
    SET     ArchSetCpuHeap, sd, CPU_HEAP
    SET     ArchSetAllocationCache, sd, CPU_ALLOCATION_CACHE

# void ArchSetBlock(byte* block)
FUNCTION ArchSetBlock
    mv      tp, a0
    ret
END ArchSetBlock

# The word of preemption stands at the block's start, so that one instruction with tp as its address changes it.

# void ArchSetNeedReschedule(int value)
FUNCTION ArchSetNeedReschedule
    bnez    a0, 1f
    li      a0, 1
    amoor.w zero, a0, (tp)
    ret
1:  li      a0, ~1
    amoand.w zero, a0, (tp)
    ret
END ArchSetNeedReschedule

FUNCTION ArchDisablePreemption
    li      a0, 2
    amoadd.w zero, a0, (tp)
    ret
END ArchDisablePreemption

# int ArchEnablePreemption(): GIVE_WAY when the count fell to 0 and the task should give way, negative when it fell below 0, else 0
FUNCTION ArchEnablePreemption
    li      a0, -2
    amoadd.w a0, a0, (tp)
    addiw   a0, a0, -2
    blez    a0, 1f
    li      a0, 0
    ret
1:  bltz    a0, 2f
    li      a0, GIVE_WAY
2:  ret
END ArchEnablePreemption

# int ArchTakeWithoutPreemption(ref int holder): 0, or who holds the lock. In this order: an interrupt before the exchange must not migrate the task.
FUNCTION ArchTakeWithoutPreemption
    li      t0, 2
    amoadd.w zero, t0, (tp)
    lw      t1, CPU_HOLDER_ID(tp)
1:  lr.w.aq t0, (a0)
    bnez    t0, 2f
    sc.w    t2, t1, (a0)
    bnez    t2, 1b
2:  mv      a0, t0
    ret
END ArchTakeWithoutPreemption

# int ArchReleaseAndEnablePreemption(ref int holder): as ArchEnablePreemption; negative if this CPU is not the holder, which is the kernel's end. The holder is the only one that changes the word.
FUNCTION ArchReleaseAndEnablePreemption
    lw      t1, CPU_HOLDER_ID(tp)
    lw      t0, 0(a0)
    bne     t0, t1, 1f
    fence   rw, w
    sw      zero, 0(a0)
    tail    ArchEnablePreemption
1:  li      a0, -1
    ret
END ArchReleaseAndEnablePreemption
