/* SPDX-License-Identifier: MPL-2.0 */
/* Attempts to leave user mode: flags, segments, gates, addresses and frames that a kernel must not trust (Intel SDM volume 3, chapters 5 and 6). Each ends in a signal or has no effect; the kernel lives. */
#include "harness.h"

#include <sched.h>
#include <ucontext.h>

#define LOW_CARRY 0x1ul
#define IOPL 0x3000ul
#define NESTED_TASK 0x4000ul
#define RESUME 0x10000ul
#define VIRTUAL_8086 0x20000ul
#define ALIGNMENT_CHECK 0x40000ul
#define VIRTUAL_INTERRUPTS 0x180000ul
#define INTERRUPTS 0x200ul
#define TRAP 0x100ul
#define DIRECTION 0x400ul
#define NON_CANONICAL 0x800000000000ul

#define SIGNAL_OF(...)                                                                                                                     \
    ({                                                                                                                                     \
        int wait_status_ = CHILD(__VA_ARGS__);                                                                                             \
        WIFSIGNALED(wait_status_) ? WTERMSIG(wait_status_) : 0;                                                                            \
    })

static unsigned long flags_now(void)
{
    unsigned long flags;
    __asm__ volatile("sub $128, %%rsp\n pushfq\n popq %0\n add $128, %%rsp" : "=r"(flags)::"memory", "cc");
    return flags;
}

static void set_flags(unsigned long flags)
{
    __asm__ volatile("sub $128, %%rsp\n pushq %0\n popfq\n add $128, %%rsp" ::"r"(flags) : "memory", "cc");
}

static long raw_getpid_with_flags(unsigned long flags)
{
    long result;
    __asm__ volatile("sub $128, %%rsp\n pushq %[flags]\n popfq\n mov $39, %%eax\n syscall\n pushq $0x202\n popfq\n add $128, %%rsp"
                     : "=&a"(result)
                     : [flags] "r"(flags)
                     : "rcx", "r11", "memory", "cc");
    return result;
}

/* The kernel works: it schedules, copies and forks. */
static void check_kernel_lives(void)
{
    CHECK_CHILD({
        char buffer[64];
        int p[2];
        OK(pipe(p));
        CHECK_EQ(write(p[1], "alive", 5), 5);
        CHECK_EQ(read(p[0], buffer, sizeof buffer), 5);
        sched_yield();
    });
}

TEST(popf_gives_no_privilege)
{
    set_flags(flags_now() | IOPL | VIRTUAL_INTERRUPTS);
    CHECK_EQ(flags_now() & (IOPL | VIRTUAL_8086 | VIRTUAL_INTERRUPTS), 0);
    set_flags(flags_now() & ~INTERRUPTS);
    CHECK(flags_now() & INTERRUPTS);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("cli")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("outb %%al, $0x80" ::"a"(0))), SIGSEGV);
}

TEST(syscall_with_odd_flags)
{
    static const unsigned long odd[] = {NESTED_TASK, ALIGNMENT_CHECK, DIRECTION, NESTED_TASK | ALIGNMENT_CHECK | DIRECTION | LOW_CARRY, 0x200000ul};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        CHECK_EQ(raw_getpid_with_flags(INTERRUPTS | 2 | odd[i]), getpid());
    check_kernel_lives();
}

/* With NT an IRET in the kernel would fault: the way back to user mode takes IRET when a fault was handled. */
TEST(fault_with_nested_task_flag)
{
    volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    set_flags(flags_now() | NESTED_TASK);
    *page = 7;
    CHECK_EQ(*page, 7);
    CHECK(flags_now() & NESTED_TASK);
    set_flags(flags_now() & ~NESTED_TASK);
    check_kernel_lives();
}

TEST(sigreturn_gives_no_privilege)
{
    /* The frame is the program's to change: everything in it is hostile. */
    static const unsigned long hostile_flags = IOPL | VIRTUAL_8086 | VIRTUAL_INTERRUPTS | NESTED_TASK | 2;
    void on_usr1(int signal, siginfo_t *information, void *context)
    {
        (void)signal;
        (void)information;
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_EFL] = (greg_t)hostile_flags;
    }
    struct sigaction action = {.sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGUSR1, &action, NULL));
    OK(raise(SIGUSR1));
    CHECK_EQ(flags_now() & (IOPL | VIRTUAL_8086 | VIRTUAL_INTERRUPTS), 0);
    CHECK(flags_now() & INTERRUPTS);
    set_flags(0x202);
}

static greg_t wanted_rip, wanted_rsp, wanted_segments;

static void on_change(int signal, siginfo_t *information, void *context)
{
    (void)signal;
    (void)information;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (wanted_rip)
        registers[REG_RIP] = wanted_rip;
    if (wanted_rsp)
        registers[REG_RSP] = wanted_rsp;
    if (wanted_segments)
        registers[REG_CSGSFS] = wanted_segments;
}

static int sigreturn_signal(greg_t rip, greg_t rsp, greg_t segments)
{
    return SIGNAL_OF({
        struct sigaction action = {.sa_sigaction = on_change, .sa_flags = SA_SIGINFO};
        OK(sigaction(SIGUSR1, &action, NULL));
        wanted_rip = rip;
        wanted_rsp = rsp;
        wanted_segments = segments;
        raise(SIGUSR1);
        if (wanted_rsp)
            __asm__ volatile("pushq $0");
    });
}

TEST(sigreturn_to_hostile_addresses)
{
    CHECK_EQ(sigreturn_signal((greg_t)NON_CANONICAL, 0, 0), SIGSEGV);
    CHECK_EQ(sigreturn_signal((greg_t)0xffffffff80200000ul, 0, 0), SIGSEGV);
    CHECK_EQ(sigreturn_signal((greg_t)0xffff800000000000ul, 0, 0), SIGSEGV);
    CHECK_EQ(sigreturn_signal((greg_t)0x7ffffffffffful, 0, 0), SIGSEGV);
    int signal = sigreturn_signal(0, (greg_t)NON_CANONICAL, 0);
    CHECK(signal == SIGSEGV || signal == SIGBUS);
    CHECK_EQ(sigreturn_signal(0, (greg_t)0xffffffff80200000ul, 0), SIGSEGV);
    check_kernel_lives();
}

/* CS with ring 0's selector: the segments are not taken over, or the program dies; it never runs in ring 0. */
TEST(sigreturn_to_kernel_segments)
{
    for (int selector = 0x08; selector <= 0x20; selector += 8) {
        int status = CHILD({
            struct sigaction action = {.sa_sigaction = on_change, .sa_flags = SA_SIGINFO};
            OK(sigaction(SIGUSR1, &action, NULL));
            wanted_segments = selector;
            raise(SIGUSR1);
            unsigned short cs;
            __asm__ volatile("mov %%cs, %0" : "=r"(cs));
            CHECK_EQ(cs & 3, 3);
        });
        CHECK(status == 0 || WIFSIGNALED(status));
    }
    check_kernel_lives();
}

TEST(hostile_sigreturn_without_a_frame)
{
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("mov $15, %%eax\n mov $0x10, %%rsp\n syscall" ::: "memory")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("mov $15, %%eax\n mov $0x800000000000, %%rsp\n syscall" ::: "memory")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("mov $15, %%eax\n mov $-4096, %%rsp\n syscall" ::: "memory")), SIGSEGV);
    check_kernel_lives();
}

TEST(gates_and_obsolete_entries)
{
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int3")), SIGTRAP);
    int icebp = SIGNAL_OF(__asm__ volatile(".byte 0xf1"));
    CHECK(icebp == SIGTRAP || icebp == SIGILL); /* undocumented for long: a CPU may not have it */
    CHECK_EQ(SIGNAL_OF(__asm__ volatile(".byte 0xce")), SIGILL);  /* INTO: not in 64-bit mode */
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0x01")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0x02")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0x08")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0x0e")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0x20")), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("int $0xff")), SIGSEGV);
    int sysenter = SIGNAL_OF(__asm__ volatile("mov %%rsp, %%rbp\n sysenter" ::: "memory"));
    CHECK(sysenter == SIGSEGV || sysenter == SIGILL);
    int sysret = SIGNAL_OF(__asm__ volatile("sysretq"));
    CHECK(sysret == SIGSEGV || sysret == SIGILL);
    int swapgs = SIGNAL_OF(__asm__ volatile("swapgs"));
    CHECK(swapgs == SIGSEGV || swapgs == SIGILL);
    check_kernel_lives();
}

static int far_jump_signal(unsigned short selector)
{
    struct __attribute__((packed)) {
        uint32_t offset;
        uint16_t selector;
    } target = {0x400000, selector};
    return SIGNAL_OF(__asm__ volatile("ljmpl *%0" ::"m"(target)));
}

/* No IRET here: QEMU 7.2 reads its frame with the rights of ring 0, and SMAP makes that a fault without end. */
TEST(far_jumps_to_other_rings)
{
    CHECK_EQ(far_jump_signal(0x08), SIGSEGV);
    CHECK_EQ(far_jump_signal(0x0b), SIGSEGV);
    CHECK_EQ(far_jump_signal(0x10), SIGSEGV);
    CHECK_EQ(far_jump_signal(0xfff8), SIGSEGV);
    CHECK_EQ(far_jump_signal(0), SIGSEGV);
    check_kernel_lives();
}

TEST(segment_registers)
{
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("mov %0, %%ds" ::"r"(0x10))), SIGSEGV);
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("mov %0, %%gs" ::"r"(0x08))), SIGSEGV);
    int ss = SIGNAL_OF(__asm__ volatile("mov %0, %%ss" ::"r"(0)));
    CHECK(ss == SIGSEGV || ss == SIGBUS);
    /* Null selectors are allowed; the kernel's own base must survive them and a switch. */
    CHECK_CHILD({
        __asm__ volatile("mov %0, %%gs\n mov %0, %%ds\n mov %0, %%es" ::"r"(0) : "memory");
        usleep(1000);
        sched_yield();
    });
    check_kernel_lives();
}

TEST(bases_outside_of_user_space)
{
    enum { SET_GS = 0x1001, SET_FS = 0x1002 };
    CHECK_CHILD({
        CHECK_ERRNO(syscall(SYS_arch_prctl, SET_GS, 0xffff800000000000ul), EPERM);
        CHECK_ERRNO(syscall(SYS_arch_prctl, SET_FS, NON_CANONICAL), EPERM);
        CHECK_ERRNO(syscall(SYS_arch_prctl, SET_GS, ~0ul), EPERM);
    });
    /* WRGSBASE is not turned on, or its value is the user's alone. */
    int status = CHILD({
        __asm__ volatile("wrgsbase %0" ::"r"(0x1234000ul));
        usleep(1000);
    });
    CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGILL));
    check_kernel_lives();
}

/* TF is set when SYSCALL is executed: the CPU must not step through the kernel, and the trap comes after the call. */
TEST(single_step_through_syscall)
{
    CHECK_EQ(SIGNAL_OF(raw_getpid_with_flags(INTERRUPTS | TRAP | 2)), SIGTRAP);
    static volatile sig_atomic_t steps;
    void on_trap(int signal) { steps += signal == SIGTRAP; }
    CHECK(signal(SIGTRAP, on_trap) != SIG_ERR);
    CHECK_EQ(raw_getpid_with_flags(INTERRUPTS | TRAP | 2), getpid());
    CHECK(steps >= 2);
    check_kernel_lives();
}

TEST(mov_ss_shadow)
{
    /* The debug trap is held off by MOV SS and comes at the first instruction of the kernel on CPUs that do it wrong (CVE-2018-8897). */
    int signal = SIGNAL_OF({
        unsigned short ss;
        __asm__ volatile("mov %%ss, %0" : "=r"(ss));
        __asm__ volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n mov %0, %%ss\n syscall" ::"r"(ss), "a"(39) : "rcx", "r11", "memory", "cc");
    });
    CHECK(signal == SIGTRAP);
    check_kernel_lives();
}

TEST(stack_pointer_of_the_kernel)
{
    /* The kernel must not use the program's stack, whatever it is. */
    static const unsigned long stacks[] = {0, NON_CANONICAL, 0xffffffff80200000ul, ~7ul, 3};
    for (size_t i = 0; i < sizeof stacks / sizeof *stacks; i++) {
        long pid;
        __asm__ volatile("mov %%rsp, %%rbx\n mov %[stack], %%rsp\n mov $39, %%eax\n syscall\n mov %%rbx, %%rsp"
                         : "=&a"(pid)
                         : [stack] "r"(stacks[i])
                         : "rbx", "rcx", "r11", "memory");
        CHECK_EQ(pid, getpid());
    }
    CHECK_EQ(SIGNAL_OF(__asm__ volatile("xor %%esp, %%esp\n ud2" ::: "memory")), SIGILL);
    check_kernel_lives();
}

TEST(iret_within_user_mode)
{
    /* A program may return to itself (Intel SDM volume 2A, IRET). QEMU's emulation reads the frame with the supervisor's rights, which SMAP refuses: such a fault ends the program, at once. */
    int status = CHILD(__asm__ volatile("sub $128, %%rsp\n"
                                        "mov %%rsp, %%rdx\n mov %%ss, %%eax\n mov %%cs, %%ecx\n"
                                        "push %%rax\n push %%rdx\n pushfq\n push %%rcx\n lea 1f(%%rip), %%rax\n push %%rax\n iretq\n"
                                        "1: add $128, %%rsp" ::
                                            : "rax", "rcx", "rdx", "memory", "cc"));
    CHECK(WIFEXITED(status) ? WEXITSTATUS(status) == 0 : WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGKILL);
    check_kernel_lives();
}
