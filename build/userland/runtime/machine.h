/* SPDX-License-Identifier: MPL-2.0 */
/* What differs between the architectures: the instruction of a system call and its registers (syscall(2)), the thread pointer, the order of clone's arguments. */
#ifndef MACHINE_H
#define MACHINE_H

#include "numbers.h"

#if defined(__x86_64__)

static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}

/* The first word of a thread's block is the block's address (System V ABI for AMD64, 3.4.6). */
static inline void *thread_pointer(void)
{
    void *pointer;
    __asm__ volatile("mov %%fs:0, %0" : "=r"(pointer));
    return pointer;
}

#define MACHINE_NAME "x86_64"

#elif defined(__riscv)

static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    register long a0 __asm__("a0") = a;
    register long a1 __asm__("a1") = b;
    register long a2 __asm__("a2") = c;
    register long a3 __asm__("a3") = d;
    register long a4 __asm__("a4") = e;
    register long a5 __asm__("a5") = f;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
    return a0;
}

static inline void *thread_pointer(void)
{
    void *pointer;
    __asm__ volatile("mv %0, tp" : "=r"(pointer));
    return pointer;
}

#define MACHINE_NAME "riscv64"

#elif defined(__loongarch64)

/* The kernel keeps $s0 to $s8 and the stack pointer alone, besides the result: temporaries may change. */
static inline long raw_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    register long a0 __asm__("$a0") = a;
    register long a1 __asm__("$a1") = b;
    register long a2 __asm__("$a2") = c;
    register long a3 __asm__("$a3") = d;
    register long a4 __asm__("$a4") = e;
    register long a5 __asm__("$a5") = f;
    register long a7 __asm__("$a7") = number;
    __asm__ volatile("syscall 0" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
                     : "$t0", "$t1", "$t2", "$t3", "$t4", "$t5", "$t6", "$t7", "$t8", "memory");
    return a0;
}

static inline void *thread_pointer(void)
{
    void *pointer;
    __asm__ volatile("move %0, $tp" : "=r"(pointer));
    return pointer;
}

#define MACHINE_NAME "loongarch64"

#endif

/* A system call with up to six arguments; the result is what the kernel gives, a negative error number for a failure. */
#define SYSCALL_PICK(_0, _1, _2, _3, _4, _5, _6, name, ...) name
#define SYSCALL0(n) raw_syscall(NR_##n, 0, 0, 0, 0, 0, 0)
#define SYSCALL1(n, a) raw_syscall(NR_##n, (long)(a), 0, 0, 0, 0, 0)
#define SYSCALL2(n, a, b) raw_syscall(NR_##n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYSCALL3(n, a, b, c) raw_syscall(NR_##n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYSCALL4(n, a, b, c, d) raw_syscall(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYSCALL5(n, a, b, c, d, e) raw_syscall(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define SYSCALL6(n, a, b, c, d, e, f) raw_syscall(NR_##n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYSCALL(...) SYSCALL_PICK(__VA_ARGS__, SYSCALL6, SYSCALL5, SYSCALL4, SYSCALL3, SYSCALL2, SYSCALL1, SYSCALL0)(__VA_ARGS__)

/*
 * clone(2) for a thread: the child runs function(argument) on its own stack and exits with its result; the parent gets the child's number. In assembly, because no compiled code can run while the stack changes.
 */
long clone_thread(unsigned long flags, void *stack, int *parent_tid, int *child_tid, void *tls, int (*function)(void *), void *argument);

#endif
