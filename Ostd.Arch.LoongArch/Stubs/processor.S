# SPDX-License-Identifier: MPL-2.0
#
# Single privileged instructions as functions, and a CPU's block, for the thin classes of Ostd.Arch. Access to the block is by single instructions relative to tp: neither an interrupt nor a migration can
# come between.

    .include "layout.inc"

    .section .text.stubs, "ax"

# ulong ArchReadFlags(): CRMD
FUNCTION ArchReadFlags
    csrrd   $a0, CSR_CRMD
    ret
END ArchReadFlags

# ulong ArchDisableInterrupts(): CRMD as it was
FUNCTION ArchDisableInterrupts
    move    $a0, $zero
    ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $a0, $t0, CSR_CRMD
    ret
END ArchDisableInterrupts

FUNCTION ArchEnableInterrupts
    ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $t0, $t0, CSR_CRMD
    ret
END ArchEnableInterrupts

# void ArchRestoreInterrupts(nuint flags)
FUNCTION ArchRestoreInterrupts
    andi    $t0, $a0, MODE_INTERRUPTS
    csrxchg $t0, $t0, CSR_CRMD
    ret
END ArchRestoreInterrupts

# Between the two instructions an interrupt may come: a trap that finds IDLE as what was interrupted goes on behind it.
FUNCTION ArchWaitForInterrupt
    ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $t0, $t0, CSR_CRMD
    .globl  wait_for_interrupt
wait_for_interrupt:
    idle    0
    ret
END ArchWaitForInterrupt

FUNCTION ArchPause
    nop
    ret
END ArchPause

FUNCTION ArchHalt
1:  move    $t1, $zero
    ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $t1, $t0, CSR_CRMD
    idle    0
    b       1b
END ArchHalt

FUNCTION ArchReadTimeStamp
    rdtime.d $a0, $zero
    ret
END ArchReadTimeStamp

FUNCTION ArchReadCycleCounter
    rdtime.d $a0, $zero
    ret
END ArchReadCycleCounter

# ulong ArchReadCpuConfiguration(nint word)
FUNCTION ArchReadCpuConfiguration
    cpucfg  $a0, $a0
    ret
END ArchReadCpuConfiguration

FUNCTION ArchReadUserRoot
    csrrd   $a0, CSR_PGDL
    ret
END ArchReadUserRoot

FUNCTION ArchReadKernelRoot
    csrrd   $a0, CSR_PGDH
    ret
END ArchReadKernelRoot

FUNCTION ArchEmptyRoot
    la.pcrel $t0, 1f
    ld.d    $a0, $t0, 0
    ret
    .p2align 3
1:  .dword  boot_empty_root_physical
END ArchEmptyRoot

# The table may have been changed while it was not in use: there are no address space numbers yet.
FUNCTION ArchWriteUserRoot
    csrwr   $a0, CSR_PGDL
    invtlb  3, $zero, $zero
    ret
END ArchWriteUserRoot

# Global or not (INVTLB, operation 6).
FUNCTION ArchInvalidatePage
    invtlb  6, $zero, $a0
    ret
END ArchInvalidatePage

# What is not global.
FUNCTION ArchInvalidateUser
    invtlb  3, $zero, $zero
    ret
END ArchInvalidateUser

FUNCTION ArchInvalidateAll
    invtlb  0, $zero, $zero
    ret
END ArchInvalidateAll

# ulong ArchReadTrapValue(): of the trap that entered last, since a stale entry of the TLB may have changed the CPU's register.
FUNCTION ArchReadTrapValue
    ld.d    $a0, $tp, CPU_TRAP_VALUE
    ret
END ArchReadTrapValue

FUNCTION ArchSetInterruptEnable
    csrwr   $a0, CSR_ECFG
    ret
END ArchSetInterruptEnable

# void ArchSetTimer(ulong configuration)
FUNCTION ArchSetTimer
    csrwr   $a0, CSR_TCFG
    ret
END ArchSetTimer

# void ArchWriteIoConfiguration(nint register, nuint value), nuint ArchReadIoConfiguration(nint register): 32 bits. What was stored before is visible to who the write interrupts.
FUNCTION ArchWriteIoConfiguration
    dbar    0
    iocsrwr.w $a1, $a0
    ret
END ArchWriteIoConfiguration

FUNCTION ArchReadIoConfiguration
    iocsrrd.w $a0, $a0
    bstrpick.d $a0, $a0, 31, 0
    ret
END ArchReadIoConfiguration

# void ArchDebugWrite(byte* text, nint length): the UART of QEMU's virt machine, in the window of uncached accesses.
FUNCTION ArchDebugWrite
    bge     $zero, $a1, 3f
    li.d    $t0, 0x800000001fe001e0
1:  ld.bu   $t1, $t0, 5
    andi    $t1, $t1, 0x20
    beqz    $t1, 1b
    ld.bu   $t1, $a0, 0
    st.b    $t1, $t0, 0
    addi.d  $a0, $a0, 1
    addi.d  $a1, $a1, -1
    bnez    $a1, 1b
3:  ret
END ArchDebugWrite

    .macro  GET name, instruction, offset
FUNCTION \name
    \instruction $a0, $tp, \offset
    ret
END \name
    .endm

    .macro  SET name, instruction, offset
FUNCTION \name
    \instruction $a0, $tp, \offset
    ret
END \name
    .endm

    GET     ArchPerCpuSelf, ld.d, CPU_SELF
    GET     ArchGetRuntimeThread, ld.d, CPU_RUNTIME_THREAD
    SET     ArchSetRuntimeThread, st.d, CPU_RUNTIME_THREAD
    GET     ArchGetCurrentTask, ld.d, CPU_CURRENT_TASK
    SET     ArchSetCurrentTask, st.d, CPU_CURRENT_TASK
    GET     ArchGetCpuId, ld.w, CPU_ID
    GET     ArchGetPreemption, ld.w, CPU_PREEMPTION
    GET     ArchGetInInterrupt, ld.w, CPU_IN_INTERRUPT
    SET     ArchSetInInterrupt, st.w, CPU_IN_INTERRUPT
    GET     ArchGetCpuHeap, ld.d, CPU_HEAP
    SET     ArchSetCpuHeap, st.d, CPU_HEAP
    SET     ArchSetAllocationCache, st.d, CPU_ALLOCATION_CACHE

# void ArchSetBlock(byte* block)
FUNCTION ArchSetBlock
    move    $tp, $a0
    ret
END ArchSetBlock

# The word of preemption stands at the block's start, so that one instruction with tp as its address changes it.

# void ArchSetNeedReschedule(int value)
FUNCTION ArchSetNeedReschedule
    bnez    $a0, 1f
    ori     $t0, $zero, 1
    amor.w  $zero, $t0, $tp
    ret
1:  addi.w  $t0, $zero, ~1
    amand.w $zero, $t0, $tp
    ret
END ArchSetNeedReschedule

FUNCTION ArchDisablePreemption
    ori     $t0, $zero, 2
    amadd.w $zero, $t0, $tp
    ret
END ArchDisablePreemption

# int ArchEnablePreemption(): GIVE_WAY when the count fell to 0 and the task should give way, negative when it fell below 0, else 0
FUNCTION ArchEnablePreemption
    addi.w  $t0, $zero, -2
    amadd.w $a0, $t0, $tp
    addi.w  $a0, $a0, -2
    bge     $zero, $a0, 1f
    move    $a0, $zero
    ret
1:  bltz    $a0, 2f
    lu12i.w $a0, GIVE_WAY >> 12
2:  ret
END ArchEnablePreemption

# int ArchTakeWithoutPreemption(ref int holder): 0, or who holds the lock. In this order: an interrupt before the exchange must not migrate the task.
FUNCTION ArchTakeWithoutPreemption
    ori     $t0, $zero, 2
    amadd.w $zero, $t0, $tp
    ld.w    $t1, $tp, CPU_HOLDER_ID
1:  ll.w    $t0, $a0, 0
    bnez    $t0, 2f
    move    $t2, $t1
    sc.w    $t2, $a0, 0
    beqz    $t2, 1b
2:  dbar    0
    move    $a0, $t0
    ret
END ArchTakeWithoutPreemption

# int ArchReleaseAndEnablePreemption(ref int holder): as ArchEnablePreemption; negative if this CPU is not the holder, which is the kernel's end. The holder is the only one that changes the word.
FUNCTION ArchReleaseAndEnablePreemption
    ld.w    $t1, $tp, CPU_HOLDER_ID
    ld.w    $t0, $a0, 0
    bne     $t0, $t1, 1f
    dbar    0
    st.w    $zero, $a0, 0
    b       ArchEnablePreemption
1:  addi.w  $a0, $zero, -1
    ret
END ArchReleaseAndEnablePreemption
