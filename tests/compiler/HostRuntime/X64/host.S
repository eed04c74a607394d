# SPDX-License-Identifier: MPL-2.0
#
# What C# cannot say: the first instruction, registers, and the block operations that LLVM calls. x86-64, System V psABI.

    .intel_syntax noprefix
    .text

    .globl _start
_start:
    mov     rdi, rsp
    xor     ebp, ebp
    and     rsp, -16
    call    HostStart
    ud2

    .globl ArchThreadStaticsSize
ArchThreadStaticsSize:
    mov     rax, [rip + AsterionThreadStaticsSize]
    ret

# A throw: the caller's registers in a context (LimitedContext in C#), its address as the second argument.
    .macro  CAPTURE function
    lea     rax, [rsp + 8]
    mov     rdx, [rsp]
    sub     rsp, 88
    mov     [rsp], rdx
    mov     [rsp + 8], rax
    mov     [rsp + 16], rbp
    mov     [rsp + 32], rbx
    mov     [rsp + 48], r12
    mov     [rsp + 56], r13
    mov     [rsp + 64], r14
    mov     [rsp + 72], r15
    mov     rsi, rsp
    call    \function
    ud2
    .endm

    .globl RhpThrowEx
RhpThrowEx:
    CAPTURE AsterionThrow

    .globl RhpRethrow
RhpRethrow:
    CAPTURE AsterionRethrow

    .globl _Unwind_Resume
_Unwind_Resume:
    CAPTURE AsterionResume

    .globl ArchContinue
ArchContinue:
    mov     rax, rsi
    mov     rbp, [rdi + 16]
    mov     rbx, [rdi + 32]
    mov     r12, [rdi + 48]
    mov     r13, [rdi + 56]
    mov     r14, [rdi + 64]
    mov     r15, [rdi + 72]
    mov     rsp, [rdi + 8]
    jmp     [rdi]

# Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
    .globl AsterionPersonality
AsterionPersonality:
    ud2

    .globl memcpy
    .globl memmove
memcpy:
memmove:
    mov     rax, rdi
    mov     rcx, rdx
    mov     rdx, rdi
    sub     rdx, rsi
    cmp     rdx, rcx
    jb      1f
    rep     movsb
    ret
1:  lea     rdi, [rdi + rcx - 1]
    lea     rsi, [rsi + rcx - 1]
    std
    rep     movsb
    cld
    ret

    .globl memset
memset:
    mov     r8, rdi
    mov     eax, esi
    mov     rcx, rdx
    rep     stosb
    mov     rax, r8
    ret

    .section .note.GNU-stack, "", @progbits
