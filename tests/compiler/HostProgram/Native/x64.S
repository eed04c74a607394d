# SPDX-License-Identifier: MPL-2.0
#
# What NativeCalls calls. The psABI leaves the upper half of a register open for a 32-bit integer, so the receiver extends it.

    .intel_syntax noprefix
    .text

    .globl  NativeRegister
NativeRegister:
    movsxd  rax, edi
    ret

    .globl  NativeCall
NativeCall:
    mov     rax, rdi
    mov     rdi, rsi
    sub     rsp, 8
    call    rax
    add     rsp, 8
    movsxd  rax, eax
    ret

    .section .note.GNU-stack, "", @progbits
