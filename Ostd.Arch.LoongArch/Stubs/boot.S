# SPDX-License-Identifier: MPL-2.0
#
# From QEMU, which loads the image itself, to KernelEntry(address of the device tree, CPUID) in the higher half. All CPUs come here at once, with paging and interrupts off (QEMU 7.2, hw/loongarch/virt.c); the first goes on,
# the others wait. Code of .boot.text is linked at its physical address.
#
# Physical memory is in two windows of the CPU's (cached, and uncached for devices); the tables made here map the image alone, at the address that it is linked to, with all rights. OSTD replaces them.

    .include "layout.inc"

    .set    DEVICE_TREE, 0x100000
    .set    ENTRY_BOOT, 0xfd3 # a kernel page with all rights, accessed, dirty and cached (PageTableFormat)
    .set    IMAGE_TABLES, 4
    .set    BOOT_STACK_SIZE, 64 * 1024
    .set    BOOT_HEAP_SIZE, 2 * 1024 * 1024
    .set    RUNTIME_THREAD_SIZE, 1024

# Places of the image in the two upper tables: bits 46 to 36, and 35 to 25, of 0xffffffff00000000.
    .set    IMAGE_ROOT_INDEX, 2047
    .set    IMAGE_DIRECTORY_INDEX, 1920

    .section .boot.text, "ax"
    .globl  boot_entry
boot_entry:
    csrwr   $zero, CSR_ECFG
    li.d    $t0, 0x8000000000000001
    csrwr   $t0, CSR_DMW0
    li.d    $t0, 0x9000000000000011
    csrwr   $t0, CSR_DMW1
    lu12i.w $t0, PAGE_SHIFT << 12
    csrwr   $t0, CSR_TLBIDX
    ori     $t0, $zero, PAGE_SHIFT
    csrwr   $t0, CSR_STLBPS
    ori     $t0, $zero, PAGE_SHIFT
    csrwr   $t0, CSR_TLBREHI
    csrwr   $zero, CSR_ASID
    invtlb  0, $zero, $zero
    la.pcrel $t0, tlb_refill
    csrwr   $t0, CSR_TLBRENTRY
    la.pcrel $t0, boot_trap_address
    ld.d    $t0, $t0, 0
    csrwr   $t0, CSR_EENTRY
    la.pcrel $t0, boot_empty_root_physical
    csrwr   $t0, CSR_PGDL
    la.pcrel $t0, boot_root_physical
    csrwr   $t0, CSR_PGDH
    ori     $t0, $zero, 1 # the floating-point unit, for user programs
    csrwr   $t0, CSR_EUEN
    csrrd   $s2, CSR_CPUID
    bnez    $s2, boot_further

    la.pcrel $t0, boot_root_physical
    la.pcrel $t1, boot_directory_physical
    ori     $t2, $t1, ENTRY_PRESENT
    li.d    $t3, IMAGE_ROOT_INDEX * 8
    add.d   $t0, $t0, $t3
    st.d    $t2, $t0, 0
    la.pcrel $t0, boot_image_physical
    li.d    $t3, IMAGE_DIRECTORY_INDEX * 8
    add.d   $t1, $t1, $t3
    li.d    $t3, PAGE_SIZE
    ori     $t4, $zero, IMAGE_TABLES
    ori     $t2, $t0, ENTRY_PRESENT
1:  st.d    $t2, $t1, 0
    add.d   $t2, $t2, $t3
    addi.d  $t1, $t1, 8
    addi.d  $t4, $t4, -1
    bnez    $t4, 1b
    li.d    $t4, IMAGE_TABLES * PAGE_SIZE / 8
    ori     $t2, $zero, ENTRY_BOOT
1:  st.d    $t2, $t0, 0
    add.d   $t2, $t2, $t3
    addi.d  $t0, $t0, 8
    addi.d  $t4, $t4, -1
    bnez    $t4, 1b
    la.pcrel $s3, boot_high_address
    b       boot_paged

# A further CPU waits for an interrupt of the one that booted, and for its number in cpu_start_block.
boot_further:
    lu12i.w $t0, 1
    ori     $t0, $t0, 4
    addi.w  $t1, $zero, -1
    iocsrwr.w $t1, $t0
    li.d    $t0, 1 << CAUSE_INTER_PROCESSOR
    csrwr   $t0, CSR_ECFG
    la.pcrel $s4, cpu_start_block_physical
2:  ld.d    $t0, $s4, 16
    beq     $t0, $s2, 3f
    idle    0
    b       2b
3:  csrwr   $zero, CSR_ECFG
    lu12i.w $t0, 1
    iocsrrd.w $t1, $t0
    ori     $t0, $t0, 0xc
    iocsrwr.w $t1, $t0
    dbar    0
    ld.d    $s0, $s4, 0
    ld.d    $s1, $s4, 8
    la.pcrel $s3, boot_further_high_address

# By way of the cached window: there the code goes on when paging is turned on.
boot_paged:
    ld.d    $s3, $s3, 0
    la.pcrel $t0, 4f
    lu52i.d $t0, $t0, -0x700
    jr      $t0
4:  ori     $t0, $zero, MODE_PAGED
    csrwr   $t0, CSR_CRMD
    jr      $s3

    .p2align 3
boot_trap_address:
    .dword  trap_entry
boot_high_address:
    .dword  boot_high
boot_further_high_address:
    .dword  boot_further_high

    .section .text.stubs, "ax"
    .p2align 2
boot_high:
    .cfi_startproc
    .cfi_undefined 1
    la.pcrel $sp, boot_stack
    li.d    $t0, BOOT_STACK_SIZE
    add.d   $sp, $sp, $t0
    la.pcrel $tp, boot_per_cpu
    move    $t0, $tp
    csrwr   $t0, CSR_BLOCK
    st.d    $tp, $tp, CPU_SELF
    ori     $t0, $zero, 1
    st.w    $t0, $tp, CPU_PREEMPTION
    la.pcrel $t0, boot_runtime_thread
    st.d    $t0, $tp, CPU_RUNTIME_THREAD
    la.pcrel $t0, runtime_empty_allocation_cache
    st.d    $t0, $tp, CPU_ALLOCATION_CACHE
    la.pcrel $t0, boot_emergency_stack_end
    st.d    $t0, $tp, CPU_EMERGENCY_STACK
    li.d    $a0, DEVICE_TREE
    move    $a1, $s2
    move    $fp, $zero
    move    $ra, $zero
    bl      KernelEntry
    break   0
    .cfi_endproc

    .p2align 2
boot_further_high:
    .cfi_startproc
    .cfi_undefined 1
    move    $tp, $s0
    move    $t0, $tp
    csrwr   $t0, CSR_BLOCK
    move    $sp, $s1
    move    $fp, $zero
    move    $ra, $zero
    bl      CpuEntry
    break   0
    .cfi_endproc

# ulong* ArchCpuStartBlock(): { per-CPU block, end of the stack, CPUID of who is meant }
FUNCTION ArchCpuStartBlock
    la.pcrel $a0, cpu_start_block
    ret
END ArchCpuStartBlock

    .bss
    .p2align PAGE_SHIFT
    .globl  boot_root
    .globl  boot_directory
    .globl  boot_image
    .globl  boot_empty_root
    .globl  boot_stack_guard
    .globl  boot_stack
boot_root:
    .zero   PAGE_SIZE
boot_directory:
    .zero   PAGE_SIZE
boot_image:
    .zero   IMAGE_TABLES * PAGE_SIZE
boot_empty_root:
    .zero   PAGE_SIZE
boot_stack_guard: # OSTD unmaps it
    .zero   PAGE_SIZE
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
    la.pcrel $a0, runtime_image_table
    ret
END ArchImageTable

# The linker script's symbols as functions: C# cannot take the address of a symbol.
    .macro  ADDRESS function, symbol
FUNCTION \function
    la.pcrel $a0, 1f
    ld.d    $a0, $a0, 0
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
