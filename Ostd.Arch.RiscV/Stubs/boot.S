# SPDX-License-Identifier: MPL-2.0
#
# From OpenSBI to KernelEntry(address of the device tree, number of the hart) in the higher half. SBI 1.0 hands over in S-mode with paging and interrupts off: a0 is the hart, a1 the device tree
# (Linux's "RISC-V Kernel Boot Requirements" says the same). Code of .boot.text is linked at its physical address.
#
# The tables made here (Sv48) map the first 4 GiB of physical memory linearly at 0xffff800000000000, not executable, and the GiB of the image at the address that it is linked to. The step to the
# higher half is a fault: the instruction after the write to satp is not mapped any more, and stvec holds where to go on. So there is no identity map to take away.

    .include "layout.inc"

    .set    PTE_TABLE, 0x01
    .set    PTE_DATA, 0xe7
    .set    PTE_ALL, 0xef
    .set    SATP_SV48, 9
    .set    BOOT_STACK_SIZE, 64 * 1024
    .set    BOOT_HEAP_SIZE, 2 * 1024 * 1024
    .set    RUNTIME_THREAD_SIZE, 1024

    .section .boot.text, "ax"
    .globl  boot_entry
boot_entry:
    csrw    sie, zero
    csrw    sip, zero
    lla     t0, boot_has_begun_physical
    li      t1, 1
    amoswap.w.aqrl t1, t1, (t0)
    bnez    t1, boot_further
    lla     t0, boot_root_physical
    lla     t1, boot_linear_physical
    srli    t2, t1, 2
    ori     t2, t2, PTE_TABLE
    li      t3, 256 * 8
    add     t3, t3, t0
    sd      t2, 0(t3)
    lla     t3, boot_image_physical
    srli    t2, t3, 2
    ori     t2, t2, PTE_TABLE
    li      t4, 511 * 8
    add     t4, t4, t0
    sd      t2, 0(t4)

# Gibibytes 0 to 3, and the third of them once more as entry 510 of the image's table: 0xffffffff80000000.
    li      t2, PTE_DATA
    li      t5, 1 << 28
    li      t6, 4
1:  sd      t2, 0(t1)
    add     t2, t2, t5
    addi    t1, t1, 8
    addi    t6, t6, -1
    bnez    t6, 1b
    li      t2, (0x80000000 >> 2) + PTE_ALL
    li      t4, 510 * 8
    add     t4, t4, t3
    sd      t2, 0(t4)

    lla     t1, boot_high_address
    ld      t1, 0(t1)
    csrw    stvec, t1
    srli    t0, t0, 12
    li      t1, SATP_SV48
    slli    t1, t1, 60
    or      t0, t0, t1
    sfence.vma
    csrw    satp, t0
    nop
2:  wfi
    j       2b

# A further hart, started by SBI's hart state management. Its block, stack and page-table root lie in cpu_start_block. It is started at boot_entry, too: OpenSBI up to 1.1 at least makes a hart
# startable before it notes where (sbi_hsm_hart_start), so that one that looks at that moment goes where the first one went. With one entry it makes no difference.
boot_further:
    lla     t0, cpu_start_block_physical
    ld      s0, 0(t0)
    ld      s1, 8(t0)
    ld      t2, 16(t0)
    lla     t1, boot_further_high_address
    ld      t1, 0(t1)
    csrw    stvec, t1
    srli    t2, t2, 12
    li      t1, SATP_SV48
    slli    t1, t1, 60
    or      t2, t2, t1
    sfence.vma
    csrw    satp, t2
    nop
3:  wfi
    j       3b

    .p2align 3
boot_high_address:
    .dword  boot_high
boot_further_high_address:
    .dword  boot_further_high

    .section .text.stubs, "ax"
    .p2align 2
boot_high:
    .cfi_startproc
    .cfi_undefined ra
    lla     t0, trap_entry
    csrw    stvec, t0
    csrw    sscratch, zero
    lla     sp, boot_stack
    li      t0, BOOT_STACK_SIZE
    add     sp, sp, t0
    lla     tp, boot_per_cpu
    sd      tp, CPU_SELF(tp)
    li      t0, 1
    sw      t0, CPU_PREEMPTION(tp)
    lla     t0, boot_runtime_thread
    sd      t0, CPU_RUNTIME_THREAD(tp)
    lla     t0, runtime_empty_allocation_cache
    sd      t0, CPU_ALLOCATION_CACHE(tp)
    lla     t0, boot_emergency_stack_end
    sd      t0, CPU_EMERGENCY_STACK(tp)
    mv      t0, a0
    mv      a0, a1
    mv      a1, t0
    li      s0, 0
    li      ra, 0
    call    KernelEntry
    unimp
    .cfi_endproc

    .p2align 2
boot_further_high:
    .cfi_startproc
    .cfi_undefined ra
    lla     t0, trap_entry
    csrw    stvec, t0
    csrw    sscratch, zero
    mv      tp, s0
    mv      sp, s1
    li      s0, 0
    li      ra, 0
    call    CpuEntry
    unimp
    .cfi_endproc

# nint ArchCpuStartEntry(): physical. ulong* ArchCpuStartBlock(): { per-CPU block, end of the stack, root }
FUNCTION ArchCpuStartEntry
    lla     a0, boot_entry_physical_address
    ld      a0, 0(a0)
    ret
END ArchCpuStartEntry

FUNCTION ArchCpuStartBlock
    lla     a0, cpu_start_block
    ret
END ArchCpuStartBlock

    .section .rodata, "a"
    .p2align 3
boot_entry_physical_address:
    .dword  boot_entry

    .bss
    .p2align 12
    .globl  boot_root
    .globl  boot_linear
    .globl  boot_image
    .globl  boot_stack_guard
    .globl  boot_stack
boot_root:
    .zero   4096
boot_linear:
    .zero   4096
boot_image:
    .zero   4096
boot_stack_guard: # OSTD unmaps it
    .zero   4096
boot_stack:
    .zero   BOOT_STACK_SIZE
    .zero   8192
    .globl  boot_emergency_stack_end
boot_emergency_stack_end:
    .p2align 6
    .globl  boot_per_cpu
boot_per_cpu:
    .zero   CPU_BLOCK_SIZE
    .globl  cpu_start_block
cpu_start_block:
    .zero   24
    .globl  boot_has_begun
boot_has_begun: # set by the first hart that comes
    .zero   4
    .p2align 6
boot_runtime_thread:
    .zero   RUNTIME_THREAD_SIZE
    .p2align 15
boot_heap:
    .zero   BOOT_HEAP_SIZE

# The image table (ImageTable of Ostd.Runtime). Words that have no meaning for programs of this project's compiler are 0.
    .section .data.rel.ro, "aw"
    .p2align 4
runtime_image_table:
    .dword  __kernel_start, __kernel_end
    .dword  __modules_start, __modules_end
    .dword  __compiler_stubs_start, __managedcode_start, __managedcode_end
    .dword  __unbox_start, __unbox_end
    .dword  __eh_frame_hdr_start, __eh_frame_hdr_end
    .dword  runtime_leaf_start, runtime_leaf_end
    .dword  0, 0, 0, 0, 0, 0
    .dword  0
    .dword  0, 0, RhpThrowHwEx
    .dword  kernel_symbol_table
    .dword  boot_heap, BOOT_HEAP_SIZE
    .dword  boot_stack, boot_stack + BOOT_STACK_SIZE
    .dword  __roots_start, __roots_end
    .zero   14 * 8

    .section .text.stubs, "ax"
FUNCTION ArchImageTable
    lla     a0, runtime_image_table
    ret
END ArchImageTable

# The linker script's symbols as functions: C# cannot take the address of a symbol.
    .macro  ADDRESS function, symbol
FUNCTION \function
    lla     a0, 1f
    ld      a0, 0(a0)
    ret
    .p2align 3
1:  .dword  \symbol
END \function
    .endm

    ADDRESS ArchKernelPhysicalStart, __kernel_physical_start
    ADDRESS ArchKernelPhysicalEnd, __kernel_physical_end
    ADDRESS ArchManagedCodeStart, __compiler_stubs_start
    ADDRESS ArchManagedCodeEnd, __managedcode_start
    ADDRESS ArchTextStart, __text_start
    ADDRESS ArchTextEnd, __text_end
    ADDRESS ArchRodataStart, __rodata_start
    ADDRESS ArchRodataEnd, __rodata_end
    ADDRESS ArchDataStart, __data_start
    ADDRESS ArchBssEnd, __bss_end
    ADDRESS ArchImageEnd, __kernel_end
    ADDRESS ArchBootStackGuard, boot_stack_guard
    ADDRESS ArchBootPerCpu, boot_per_cpu
