# SPDX-License-Identifier: MPL-2.0
#
# What Ostd.Runtime and compiled code ask for: allocation, write barriers, block operations, the edges of exception dispatch.

    .include "layout.inc"

    .bss
    .p2align 6
    .globl  runtime_empty_allocation_cache
runtime_empty_allocation_cache:
    .zero   CPU_HEAP_SIZE
    .p2align 6
runtime_policy_allocation_cache: # a CPU whose allocation cache it is runs a policy (RuntimeThread.EnterPolicy)
    .zero   CPU_HEAP_SIZE
    .p2align 6
runtime_barrier_state: # WriteBarrier.State
    .zero   56

    .section .text.stubs, "ax"

# From the size in t0: t3 the cache, t2 its next object, t4 its limit.
    .macro  FIND_CACHE slow
    li      t1, LARGEST_CACHED_SIZE
    bltu    t1, t0, \slow
    ld      t3, CPU_ALLOCATION_CACHE(tp)
    addi    t0, t0, 7
    srli    t0, t0, 3
    slli    t0, t0, 1
    add     t0, t0, t3
    lhu     t0, CPU_HEAP_CACHE_OFFSETS(t0)
    add     t3, t3, t0
    ld      t2, CACHE_NEXT(t3)
    ld      t4, CACHE_LIMIT(t3)
    bgeu    t2, t4, \slow
    ld      t5, CACHE_CELL_SIZE(t3)
    add     t5, t5, t2
    .endm

# The fast path of new: a cell from the running CPU's cache of its size class, without a lock, an atomic or interrupts off. From the entry up to the store that takes the cell each function is a
# restartable sequence: a trap of this CPU that comes in between puts pc back to the entry (trap.S), so that neither a migration nor another task's allocation nor a collection is ever seen from inside. The
# arguments are therefore not changed before it. Type and length are stored before. After it t2 holds the object, which keeps it alive.

# byte* RhpNewFast(MethodTable* type)
FUNCTION RhpNewFast
    lwu     t0, METHOD_TABLE_BASE_SIZE(a0)
    FIND_CACHE 1f
    sd      a0, 0(t2)
    sd      zero, 8(t2) # an array's allocation that was begun here and restarted elsewhere may have left its length
    sd      t5, CACHE_NEXT(t3)
    .globl  runtime_new_object_committed
runtime_new_object_committed:
    mv      a0, t2
    ret
1:  tail    RuntimeNewObjectSlow
END RhpNewFast

# byte* RhpNewArray(MethodTable* type, int length), RhNewString alike. No array of more elements is that small.
    .globl  RhNewString
    .p2align 2
RhNewString:
FUNCTION RhpNewArray
    li      t0, LARGEST_CACHED_SIZE
    bltu    t0, a1, 1f # a negative length too
    lhu     t0, METHOD_TABLE_COMPONENT_SIZE(a0)
    mul     t0, t0, a1
    lwu     t1, METHOD_TABLE_BASE_SIZE(a0)
    add     t0, t0, t1
    FIND_CACHE 1f
    sd      a0, 0(t2)
    sw      a1, 8(t2)
    sd      t5, CACHE_NEXT(t3)
    .globl  runtime_new_array_committed
runtime_new_array_committed:
    mv      a0, t2
    ret
1:  tail    RuntimeNewArraySlow
END RhpNewArray

FUNCTION ArchEmptyAllocationCache
    lla     a0, runtime_empty_allocation_cache
    ret
END ArchEmptyAllocationCache

# CpuHeap* ArchEnterPolicy(): what the CPU's allocation cache was. With interrupts off.
FUNCTION ArchEnterPolicy
    ld      a0, CPU_ALLOCATION_CACHE(tp)
    lla     t0, runtime_policy_allocation_cache
    sd      t0, CPU_ALLOCATION_CACHE(tp)
    ret
END ArchEnterPolicy

FUNCTION ArchIsInPolicy
    ld      a0, CPU_ALLOCATION_CACHE(tp)
    lla     t0, runtime_policy_allocation_cache
    sub     a0, a0, t0
    seqz    a0, a0
    ret
END ArchIsInPolicy

FUNCTION ArchBarrierState
    lla     a0, runtime_barrier_state
    ret
END ArchBarrierState

# void ArchCallWithSavedRegisters(delegate*<nuint stackPointer, nuint argument, void> function, nuint argument): what calls preserve lies on the stack while the function runs.
FUNCTION ArchCallWithSavedRegisters
    SAVE_PRESERVED
    mv      t0, a0
    mv      a0, sp
    jalr    t0
    RESTORE_PRESERVED
    ret
END ArchCallWithSavedRegisters

# Helpers between runtime_leaf_start and runtime_leaf_end change neither sp nor ra up to a point behind their last access by the caller's pointers, so that a fault in one of them can be charged to its
# caller. References move in whole 8-byte units, so that another CPU's collector never sees half of one.
    .globl  runtime_leaf_start
runtime_leaf_start:
    unimp

# (destination, reference). What the object holds is visible before the reference is. A barrier stores first and looks then whether a collection marks: so a marking that starts in between either
# sees the store, or is seen. What was stored is shaded; until then it is in a register, where the collection finds it.
    .globl  RhpCheckedAssignRef
    .p2align 2
RhpCheckedAssignRef:
FUNCTION RhpAssignRef
    fence   rw, w
    sd      a1, 0(a0)
    lla     t0, runtime_barrier_state
    lw      t0, 0(t0)
    bnez    t0, 1f
    ret
1:  mv      a0, a1
    tail    RuntimeShade
END RhpAssignRef

# object RhpCheckedLockCmpXchg(location, value, comparand)
FUNCTION RhpCheckedLockCmpXchg
1:  lr.d.aqrl t0, (a0)
    bne     t0, a2, 2f
    sc.d.rl t1, a1, (a0)
    bnez    t1, 1b
2:  mv      a0, t0
    j       after_exchange
END RhpCheckedLockCmpXchg

# object RhpCheckedXchg(location, value)
FUNCTION RhpCheckedXchg
    amoswap.d.aqrl a0, a1, (a0)
after_exchange:
    lla     t0, runtime_barrier_state
    lw      t0, 0(t0)
    bnez    t0, 1f
    ret
1:  addi    sp, sp, -16
    .cfi_def_cfa_offset 16
    sd      ra, 8(sp)
    .cfi_offset ra, -8
    sd      a0, 0(sp)
    mv      a0, a1
    call    RuntimeShade
    ld      a0, 0(sp)
    ld      ra, 8(sp)
    .cfi_restore ra
    addi    sp, sp, 16
    .cfi_def_cfa_offset 0
    ret
END RhpCheckedXchg

# void* memmove(void* destination, void* source, nuint size). Words where both sides are equally aligned, bytes elsewhere; from the end where the target lies behind the source and overlaps it.
    .globl  memcpy
    .p2align 2
memcpy:
FUNCTION memmove
    add     t0, a0, a2
    sub     t1, a0, a1
    bltu    t1, a2, 6f
    mv      t1, a0
    xor     t2, a0, a1
    andi    t2, t2, 7
    bnez    t2, 4f
    li      t2, 16
    bltu    a2, t2, 4f
1:  andi    t2, t1, 7
    beqz    t2, 2f
    lbu     t2, 0(a1)
    sb      t2, 0(t1)
    addi    a1, a1, 1
    addi    t1, t1, 1
    j       1b
2:  addi    t3, t0, -32
3:  bltu    t3, t1, 3f
    ld      t2, 0(a1)
    ld      t4, 8(a1)
    ld      t5, 16(a1)
    ld      t6, 24(a1)
    sd      t2, 0(t1)
    sd      t4, 8(t1)
    sd      t5, 16(t1)
    sd      t6, 24(t1)
    addi    a1, a1, 32
    addi    t1, t1, 32
    j       3b
3:  addi    t3, t0, -8
3:  bltu    t3, t1, 4f
    ld      t2, 0(a1)
    sd      t2, 0(t1)
    addi    a1, a1, 8
    addi    t1, t1, 8
    j       3b
4:  beq     t1, t0, 5f
    lbu     t2, 0(a1)
    sb      t2, 0(t1)
    addi    a1, a1, 1
    addi    t1, t1, 1
    j       4b
5:  ret

6:  add     a1, a1, a2
    xor     t2, t0, a1
    andi    t2, t2, 7
    bnez    t2, 9f
    li      t2, 16
    bltu    a2, t2, 9f
7:  andi    t2, t0, 7
    beqz    t2, 8f
    addi    a1, a1, -1
    addi    t0, t0, -1
    lbu     t2, 0(a1)
    sb      t2, 0(t0)
    j       7b
8:  addi    t3, a0, 8
8:  bltu    t0, t3, 9f
    addi    a1, a1, -8
    addi    t0, t0, -8
    ld      t2, 0(a1)
    sd      t2, 0(t0)
    j       8b
9:  beq     t0, a0, 5b
    addi    a1, a1, -1
    addi    t0, t0, -1
    lbu     t2, 0(a1)
    sb      t2, 0(t0)
    j       9b
END memmove

# ref byte RhpGcSafeZeroMemory(ref byte destination, nuint size)
FUNCTION RhpGcSafeZeroMemory
    mv      a2, a1
    li      a1, 0
    j       memset
END RhpGcSafeZeroMemory

# void* memset(void* destination, int value, nuint size)
FUNCTION memset
    add     t0, a0, a2
    mv      t1, a0
    li      t2, 16
    bltu    a2, t2, 4f
    andi    a1, a1, 0xff
    slli    t2, a1, 8
    or      a1, a1, t2
    slli    t2, a1, 16
    or      a1, a1, t2
    slli    t2, a1, 32
    or      a1, a1, t2
1:  andi    t2, t1, 7
    beqz    t2, 2f
    sb      a1, 0(t1)
    addi    t1, t1, 1
    j       1b
2:  addi    t3, t0, -32
3:  bltu    t3, t1, 3f
    sd      a1, 0(t1)
    sd      a1, 8(t1)
    sd      a1, 16(t1)
    sd      a1, 24(t1)
    addi    t1, t1, 32
    j       3b
3:  addi    t3, t0, -8
3:  bltu    t3, t1, 4f
    sd      a1, 0(t1)
    addi    t1, t1, 8
    j       3b
4:  beq     t1, t0, 5f
    sb      a1, 0(t1)
    addi    t1, t1, 1
    j       4b
5:  ret
END memset

# void RhBulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint size): size is a multiple of 8, both are aligned to 8.
# In pieces with interrupts off, each shaded before they are on again: references that were copied and not yet shaded are in no register, so the end of a marking must not come in between. Null
# pointers fault before that.
FUNCTION RhBulkMoveWithWriteBarrier
    beqz    a2, 9f
    lbu     zero, 0(a0)
    lbu     zero, 0(a1)
    fence   rw, w
1:  li      t3, 512
    bgeu    a2, t3, 2f
    mv      t3, a2
2:  csrrci  t4, sstatus, STATUS_SIE
    sub     t0, a0, a1
    bltu    t0, a2, 4f

# The first t3 bytes. t5 is where they begin.
    mv      t5, a0
    add     t6, a1, t3
3:  ld      t0, 0(a1)
    sd      t0, 0(a0)
    addi    a1, a1, 8
    addi    a0, a0, 8
    bltu    a1, t6, 3b
    j       6f

# The last t3 bytes.
4:  sub     t6, a2, t3
    add     t5, a0, t6
    add     t0, a0, a2
    add     t1, a1, a2
5:  addi    t0, t0, -8
    addi    t1, t1, -8
    ld      t2, 0(t1)
    sd      t2, 0(t0)
    bltu    t5, t0, 5b

6:  lla     t0, runtime_barrier_state
    lw      t0, 0(t0)
    bnez    t0, 8f
7:  andi    t4, t4, STATUS_SIE
    csrs    sstatus, t4
    sub     a2, a2, t3
    bnez    a2, 1b
9:  ret

8:  addi    sp, sp, -48
    .cfi_def_cfa_offset 48
    sd      ra, 40(sp)
    .cfi_offset ra, -8
    sd      a0, 0(sp)
    sd      a1, 8(sp)
    sd      a2, 16(sp)
    sd      t3, 24(sp)
    sd      t4, 32(sp)
    mv      a0, t5
    mv      a1, t3
    call    RuntimeShadeRange
    ld      a0, 0(sp)
    ld      a1, 8(sp)
    ld      a2, 16(sp)
    ld      t3, 24(sp)
    ld      t4, 32(sp)
    ld      ra, 40(sp)
    .cfi_restore ra
    addi    sp, sp, 48
    .cfi_def_cfa_offset 0
    j       7b
END RhBulkMoveWithWriteBarrier

    .globl  runtime_leaf_end
runtime_leaf_end:
    unimp

# Exceptions. A context (RegisterDisplay of Ostd.Runtime) is the address and 64 registers by their DWARF numbers, of which the last 32, the floating-point ones, are nobody's here.
    .set    CONTEXT_SIZE, 528
    .set    X, 8

    .macro  EACH_PRESERVED instruction, context
    .irp    n, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    \instruction x\n, X + \n * 8(\context)
    .endr
    .endm

# [DoesNotReturn] void (object exception): the caller's registers in a context, its address as the second argument.
    .macro  THROW name, function
FUNCTION \name
    addi    sp, sp, -CONTEXT_SIZE
    .cfi_def_cfa_offset CONTEXT_SIZE
    sd      ra, 0(sp)
    .cfi_offset ra, -CONTEXT_SIZE
    sd      ra, X + 1 * 8(sp)
    addi    a1, sp, CONTEXT_SIZE
    sd      a1, X + 2 * 8(sp)
    EACH_PRESERVED sd, sp
    mv      a1, sp
    call    \function
    unimp
END \name
    .endm

    THROW   RhpThrowEx, AsterionThrow
    THROW   RhpRethrow, AsterionRethrow
    THROW   _Unwind_Resume, AsterionResume

# The trap code arranges to come here as if called from the faulting instruction: a0 is the exception code, a1 the faulting address; sp, ra and what calls preserve as they were at the fault.
FUNCTION RhpThrowHwEx
    .cfi_undefined ra
    andi    t0, sp, -16
    addi    t0, t0, -CONTEXT_SIZE
    sd      sp, X + 2 * 8(t0)
    mv      sp, t0
    sd      a1, 0(sp)
    sd      ra, X + 1 * 8(sp)
    EACH_PRESERVED sd, sp
    mv      a1, sp
    call    AsterionThrowHardware
    unimp
END RhpThrowHwEx

# [DoesNotReturn] void ArchContinue(LimitedContext* context, nint record, nint selector): into a landing pad, which takes the two in a0 and a1.
FUNCTION ArchContinue
    EACH_PRESERVED ld, a0
    ld      t0, 0(a0)
    ld      sp, X + 2 * 8(a0)
    mv      a0, a1
    mv      a1, a2
    jr      t0
END ArchContinue

# Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
FUNCTION AsterionPersonality
    unimp
END AsterionPersonality

FUNCTION ArchThreadStaticsSize
    lla     a0, AsterionThreadStaticsSize
    ld      a0, 0(a0)
    ret
END ArchThreadStaticsSize

# There is no unmanaged code to come from or go to: a P/Invoke is an ordinary call, and a stop of the world interrupts.
    .irp    name, RhpPInvoke, RhpPInvokeReturn, RhpReversePInvoke, RhpReversePInvokeReturn, RhpGcPoll
FUNCTION \name
    ret
END \name
    .endr

    .data
    .p2align 3
    .globl  RhpTrapThreads
    .globl  g_cpuFeatures
    .globl  __security_cookie
RhpTrapThreads:
    .dword  0
g_cpuFeatures:
    .dword  0
__security_cookie:
    .dword  0x9d3f51c28ae64b00
