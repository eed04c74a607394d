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
    li.d    $t1, LARGEST_CACHED_SIZE
    bltu    $t1, $t0, \slow
    ld.d    $t3, $tp, CPU_ALLOCATION_CACHE
    addi.d  $t0, $t0, 7
    srli.d  $t0, $t0, 3
    slli.d  $t0, $t0, 1
    add.d   $t0, $t0, $t3
    ld.hu   $t0, $t0, CPU_HEAP_CACHE_OFFSETS
    add.d   $t3, $t3, $t0
    ld.d    $t2, $t3, CACHE_NEXT
    ld.d    $t4, $t3, CACHE_LIMIT
    bgeu    $t2, $t4, \slow
    ld.d    $t5, $t3, CACHE_CELL_SIZE
    add.d   $t5, $t5, $t2
    .endm

# The fast path of new: a cell from the running CPU's cache of its size class, without a lock, an atomic or interrupts off. From the entry up to the store that takes the cell each function is a
# restartable sequence: a trap of this CPU that comes in between puts pc back to the entry (trap.S), so that neither a migration nor another task's allocation nor a collection is ever seen from inside. The
# arguments are therefore not changed before it. Type and length are stored before. After it t2 holds the object, which keeps it alive.

# byte* RhpNewFast(MethodTable* type)
FUNCTION RhpNewFast
    ld.wu   $t0, $a0, METHOD_TABLE_BASE_SIZE
    FIND_CACHE 1f
    st.d    $a0, $t2, 0
    st.d    $zero, $t2, 8 # an array's allocation that was begun here and restarted elsewhere may have left its length
    st.d    $t5, $t3, CACHE_NEXT
    .globl  runtime_new_object_committed
runtime_new_object_committed:
    move    $a0, $t2
    ret
1:  b       RuntimeNewObjectSlow
END RhpNewFast

# byte* RhpNewArray(MethodTable* type, int length), RhNewString alike. No array of more elements is that small.
    .globl  RhNewString
    .p2align 2
RhNewString:
FUNCTION RhpNewArray
    li.d    $t0, LARGEST_CACHED_SIZE
    bltu    $t0, $a1, 1f # a negative length too
    ld.hu   $t0, $a0, METHOD_TABLE_COMPONENT_SIZE
    mul.d   $t0, $t0, $a1
    ld.wu   $t1, $a0, METHOD_TABLE_BASE_SIZE
    add.d   $t0, $t0, $t1
    FIND_CACHE 1f
    st.d    $a0, $t2, 0
    st.w    $a1, $t2, 8
    st.d    $t5, $t3, CACHE_NEXT
    .globl  runtime_new_array_committed
runtime_new_array_committed:
    move    $a0, $t2
    ret
1:  b       RuntimeNewArraySlow
END RhpNewArray

FUNCTION ArchEmptyAllocationCache
    la.pcrel $a0, runtime_empty_allocation_cache
    ret
END ArchEmptyAllocationCache

# CpuHeap* ArchEnterPolicy(): what the CPU's allocation cache was. With interrupts off.
FUNCTION ArchEnterPolicy
    ld.d    $a0, $tp, CPU_ALLOCATION_CACHE
    la.pcrel $t0, runtime_policy_allocation_cache
    st.d    $t0, $tp, CPU_ALLOCATION_CACHE
    ret
END ArchEnterPolicy

FUNCTION ArchIsInPolicy
    ld.d    $a0, $tp, CPU_ALLOCATION_CACHE
    la.pcrel $t0, runtime_policy_allocation_cache
    sub.d   $a0, $a0, $t0
    sltui   $a0, $a0, 1
    ret
END ArchIsInPolicy

FUNCTION ArchBarrierState
    la.pcrel $a0, runtime_barrier_state
    ret
END ArchBarrierState

# void ArchCallWithSavedRegisters(delegate*<nuint stackPointer, nuint argument, void> function, nuint argument): what calls preserve lies on the stack while the function runs.
FUNCTION ArchCallWithSavedRegisters
    SAVE_PRESERVED
    move    $t0, $a0
    move    $a0, $sp
    jirl    $ra, $t0, 0
    RESTORE_PRESERVED
    ret
END ArchCallWithSavedRegisters

# Helpers between runtime_leaf_start and runtime_leaf_end change neither sp nor ra up to a point behind their last access by the caller's pointers, so that a fault in one of them can be charged to its
# caller. References move in whole 8-byte units, so that another CPU's collector never sees half of one.
    .globl  runtime_leaf_start
runtime_leaf_start:
    break   0

# (destination, reference). What the object holds is visible before the reference is. A barrier stores first and looks then whether a collection marks: so a marking that starts in between either
# sees the store, or is seen. What was stored is shaded; until then it is in a register, where the collection finds it.
    .globl  RhpCheckedAssignRef
    .p2align 2
RhpCheckedAssignRef:
FUNCTION RhpAssignRef
    dbar    0
    st.d    $a1, $a0, 0
    la.pcrel $t0, runtime_barrier_state
    ld.w    $t0, $t0, 0
    bnez    $t0, 1f
    ret
1:  move    $a0, $a1
    b       RuntimeShade
END RhpAssignRef

# object RhpCheckedLockCmpXchg(location, value, comparand)
FUNCTION RhpCheckedLockCmpXchg
    dbar    0
1:  ll.d    $t0, $a0, 0
    bne     $t0, $a2, 2f
    move    $t1, $a1
    sc.d    $t1, $a0, 0
    beqz    $t1, 1b
2:  dbar    0
    move    $a0, $t0
    b       after_exchange
END RhpCheckedLockCmpXchg

# object RhpCheckedXchg(location, value)
FUNCTION RhpCheckedXchg
    amswap_db.d $t0, $a1, $a0
    move    $a0, $t0
after_exchange:
    la.pcrel $t0, runtime_barrier_state
    ld.w    $t0, $t0, 0
    bnez    $t0, 1f
    ret
1:  addi.d  $sp, $sp, -16
    .cfi_def_cfa_offset 16
    st.d    $ra, $sp, 8
    .cfi_offset 1, -8
    st.d    $a0, $sp, 0
    move    $a0, $a1
    bl      RuntimeShade
    ld.d    $a0, $sp, 0
    ld.d    $ra, $sp, 8
    .cfi_restore 1
    addi.d  $sp, $sp, 16
    .cfi_def_cfa_offset 0
    ret
END RhpCheckedXchg

# void* memmove(void* destination, void* source, nuint size). Words where both sides are equally aligned, bytes elsewhere; from the end where the target lies behind the source and overlaps it.
    .globl  memcpy
    .p2align 2
memcpy:
FUNCTION memmove
    add.d   $t0, $a0, $a2
    sub.d   $t1, $a0, $a1
    bltu    $t1, $a2, 6f
    move    $t1, $a0
    xor     $t2, $a0, $a1
    andi    $t2, $t2, 7
    bnez    $t2, 4f
    li.d    $t2, 16
    bltu    $a2, $t2, 4f
1:  andi    $t2, $t1, 7
    beqz    $t2, 2f
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t1, 0
    addi.d  $a1, $a1, 1
    addi.d  $t1, $t1, 1
    b       1b
2:  addi.d  $t3, $t0, -32
3:  bltu    $t3, $t1, 3f
    ld.d    $t2, $a1, 0
    ld.d    $t4, $a1, 8
    ld.d    $t5, $a1, 16
    ld.d    $t6, $a1, 24
    st.d    $t2, $t1, 0
    st.d    $t4, $t1, 8
    st.d    $t5, $t1, 16
    st.d    $t6, $t1, 24
    addi.d  $a1, $a1, 32
    addi.d  $t1, $t1, 32
    b       3b
3:  addi.d  $t3, $t0, -8
3:  bltu    $t3, $t1, 4f
    ld.d    $t2, $a1, 0
    st.d    $t2, $t1, 0
    addi.d  $a1, $a1, 8
    addi.d  $t1, $t1, 8
    b       3b
4:  beq     $t1, $t0, 5f
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t1, 0
    addi.d  $a1, $a1, 1
    addi.d  $t1, $t1, 1
    b       4b
5:  ret

6:  add.d   $a1, $a1, $a2
    xor     $t2, $t0, $a1
    andi    $t2, $t2, 7
    bnez    $t2, 9f
    li.d    $t2, 16
    bltu    $a2, $t2, 9f
7:  andi    $t2, $t0, 7
    beqz    $t2, 8f
    addi.d  $a1, $a1, -1
    addi.d  $t0, $t0, -1
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t0, 0
    b       7b
8:  addi.d  $t3, $a0, 8
8:  bltu    $t0, $t3, 9f
    addi.d  $a1, $a1, -8
    addi.d  $t0, $t0, -8
    ld.d    $t2, $a1, 0
    st.d    $t2, $t0, 0
    b       8b
9:  beq     $t0, $a0, 5b
    addi.d  $a1, $a1, -1
    addi.d  $t0, $t0, -1
    ld.bu   $t2, $a1, 0
    st.b    $t2, $t0, 0
    b       9b
END memmove

# ref byte RhpGcSafeZeroMemory(ref byte destination, nuint size)
FUNCTION RhpGcSafeZeroMemory
    move    $a2, $a1
    li.d    $a1, 0
    b       memset
END RhpGcSafeZeroMemory

# void* memset(void* destination, int value, nuint size)
FUNCTION memset
    add.d   $t0, $a0, $a2
    move    $t1, $a0
    li.d    $t2, 16
    bltu    $a2, $t2, 4f
    andi    $a1, $a1, 0xff
    slli.d  $t2, $a1, 8
    or      $a1, $a1, $t2
    slli.d  $t2, $a1, 16
    or      $a1, $a1, $t2
    slli.d  $t2, $a1, 32
    or      $a1, $a1, $t2
1:  andi    $t2, $t1, 7
    beqz    $t2, 2f
    st.b    $a1, $t1, 0
    addi.d  $t1, $t1, 1
    b       1b
2:  addi.d  $t3, $t0, -32
3:  bltu    $t3, $t1, 3f
    st.d    $a1, $t1, 0
    st.d    $a1, $t1, 8
    st.d    $a1, $t1, 16
    st.d    $a1, $t1, 24
    addi.d  $t1, $t1, 32
    b       3b
3:  addi.d  $t3, $t0, -8
3:  bltu    $t3, $t1, 4f
    st.d    $a1, $t1, 0
    addi.d  $t1, $t1, 8
    b       3b
4:  beq     $t1, $t0, 5f
    st.b    $a1, $t1, 0
    addi.d  $t1, $t1, 1
    b       4b
5:  ret
END memset

# void RhBulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint size): size is a multiple of 8, both are aligned to 8.
# In pieces with interrupts off, each shaded before they are on again: references that were copied and not yet shaded are in no register, so the end of a marking must not come in between. Null
# pointers fault before that.
FUNCTION RhBulkMoveWithWriteBarrier
    beqz    $a2, 9f
    ld.bu   $zero, $a0, 0
    ld.bu   $zero, $a1, 0
    dbar    0
1:  li.d    $t3, 512
    bgeu    $a2, $t3, 2f
    move    $t3, $a2
2:  move    $t4, $zero
    ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $t4, $t0, CSR_CRMD
    sub.d   $t0, $a0, $a1
    bltu    $t0, $a2, 4f

# The first t3 bytes. t5 is where they begin.
    move    $t5, $a0
    add.d   $t6, $a1, $t3
3:  ld.d    $t0, $a1, 0
    st.d    $t0, $a0, 0
    addi.d  $a1, $a1, 8
    addi.d  $a0, $a0, 8
    bltu    $a1, $t6, 3b
    b       6f

# The last t3 bytes.
4:  sub.d   $t6, $a2, $t3
    add.d   $t5, $a0, $t6
    add.d   $t0, $a0, $a2
    add.d   $t1, $a1, $a2
5:  addi.d  $t0, $t0, -8
    addi.d  $t1, $t1, -8
    ld.d    $t2, $t1, 0
    st.d    $t2, $t0, 0
    bltu    $t5, $t0, 5b

6:  la.pcrel $t0, runtime_barrier_state
    ld.w    $t0, $t0, 0
    bnez    $t0, 8f
7:  ori     $t0, $zero, MODE_INTERRUPTS
    csrxchg $t4, $t0, CSR_CRMD
    sub.d   $a2, $a2, $t3
    bnez    $a2, 1b
9:  ret

8:  addi.d  $sp, $sp, -48
    .cfi_def_cfa_offset 48
    st.d    $ra, $sp, 40
    .cfi_offset 1, -8
    st.d    $a0, $sp, 0
    st.d    $a1, $sp, 8
    st.d    $a2, $sp, 16
    st.d    $t3, $sp, 24
    st.d    $t4, $sp, 32
    move    $a0, $t5
    move    $a1, $t3
    bl      RuntimeShadeRange
    ld.d    $a0, $sp, 0
    ld.d    $a1, $sp, 8
    ld.d    $a2, $sp, 16
    ld.d    $t3, $sp, 24
    ld.d    $t4, $sp, 32
    ld.d    $ra, $sp, 40
    .cfi_restore 1
    addi.d  $sp, $sp, 48
    .cfi_def_cfa_offset 0
    b       7b
END RhBulkMoveWithWriteBarrier

    .globl  runtime_leaf_end
runtime_leaf_end:
    break   0

# Exceptions. A context (RegisterDisplay of Ostd.Runtime) is the address and 64 registers by their DWARF numbers, of which the last 32, the floating-point ones, are nobody's here.
    .set    CONTEXT_SIZE, 528
    .set    R, 8

    .macro  EACH_PRESERVED instruction, context
    .irp    n, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \instruction $r\n, \context, R + \n * 8
    .endr
    .endm

# [DoesNotReturn] void (object exception): the caller's registers in a context, its address as the second argument.
    .macro  THROW name, function
FUNCTION \name
    addi.d  $sp, $sp, -CONTEXT_SIZE
    .cfi_def_cfa_offset CONTEXT_SIZE
    st.d    $ra, $sp, 0
    .cfi_offset 1, -CONTEXT_SIZE
    st.d    $ra, $sp, R + 1 * 8
    addi.d  $a1, $sp, CONTEXT_SIZE
    st.d    $a1, $sp, R + 3 * 8
    EACH_PRESERVED st.d, $sp
    move    $a1, $sp
    bl      \function
    break   0
END \name
    .endm

    THROW   RhpThrowEx, AsterionThrow
    THROW   RhpRethrow, AsterionRethrow
    THROW   _Unwind_Resume, AsterionResume

# The trap code arranges to come here as if called from the faulting instruction: a0 is the exception code, a1 the faulting address; sp, ra and what calls preserve as they were at the fault.
FUNCTION RhpThrowHwEx
    .cfi_undefined 1
    move    $t0, $sp
    bstrins.d $t0, $zero, 3, 0
    addi.d  $t0, $t0, -CONTEXT_SIZE
    st.d    $sp, $t0, R + 3 * 8
    move    $sp, $t0
    st.d    $a1, $sp, 0
    st.d    $ra, $sp, R + 1 * 8
    EACH_PRESERVED st.d, $sp
    move    $a1, $sp
    bl      AsterionThrowHardware
    break   0
END RhpThrowHwEx

# [DoesNotReturn] void ArchContinue(LimitedContext* context, nint record, nint selector): into a landing pad, which takes the two in a0 and a1.
FUNCTION ArchContinue
    EACH_PRESERVED ld.d, $a0
    ld.d    $t0, $a0, 0
    ld.d    $sp, $a0, R + 3 * 8
    move    $a0, $a1
    move    $a1, $a2
    jr      $t0
END ArchContinue

# Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
FUNCTION AsterionPersonality
    break   0
END AsterionPersonality

FUNCTION ArchThreadStaticsSize
    la.pcrel $a0, AsterionThreadStaticsSize
    ld.d    $a0, $a0, 0
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
