/* SPDX-License-Identifier: MPL-2.0 */
/* The entry of a program: at the stack pointer are argc, argv, envp and the auxiliary vector (System V ABI). And clone(2), after which two go on. */

#if defined(__x86_64__)

    .globl _start
_start:
    xor %ebp, %ebp
    mov %rsp, %rdi
    and $-16, %rsp
    call start_program
    hlt

    /* flags, stack, parent_tid, child_tid, tls are in the order of the call, but for the register that SYSCALL destroys. */
    .globl clone_thread
clone_thread:
    mov 8(%rsp), %rax
    sub $16, %rsi
    mov %r9, (%rsi)
    mov %rax, 8(%rsi)
    mov %rcx, %r10
    mov $56, %eax
    syscall
    test %rax, %rax
    jnz 1f
    xor %ebp, %ebp
    pop %rax
    pop %rdi
    call *%rax
    mov %eax, %edi
    mov $60, %eax
    syscall
    hlt
1:
    ret

    /* SA_RESTORER: the kernel has no code of its own to return from a handler. */
    .globl signal_return
signal_return:
    mov $15, %eax
    syscall

#elif defined(__riscv)

    .globl _start
_start:
    mv fp, zero
    mv a0, sp
    andi sp, sp, -16
    call start_program
    unimp

    /* The kernel wants the thread pointer before the child's number. */
    .globl clone_thread
clone_thread:
    addi a1, a1, -16
    sd a5, 0(a1)
    sd a6, 8(a1)
    mv t0, a3
    mv a3, a4
    mv a4, t0
    li a7, 220
    ecall
    bnez a0, 1f
    mv fp, zero
    ld t0, 0(sp)
    ld a0, 8(sp)
    addi sp, sp, 16
    jalr t0
    li a7, 93
    ecall
    unimp
1:
    ret

#elif defined(__loongarch64)

    .globl _start
_start:
    move $fp, $zero
    move $a0, $sp
    bstrins.d $sp, $zero, 3, 0
    bl start_program
    break 0

    .globl clone_thread
clone_thread:
    addi.d $a1, $a1, -16
    st.d $a5, $a1, 0
    st.d $a6, $a1, 8
    ori $a7, $zero, 220
    syscall 0
    bnez $a0, 1f
    move $fp, $zero
    ld.d $t0, $sp, 0
    ld.d $a0, $sp, 8
    addi.d $sp, $sp, 16
    jirl $ra, $t0, 0
    ori $a7, $zero, 93
    syscall 0
    break 0
1:
    ret

#endif

    .section .note.GNU-stack, "", %progbits
