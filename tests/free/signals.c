/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

/* Where the program counter stands in struct ucontext (uapi asm/ucontext.h, asm/sigcontext.h). */
#if defined(__x86_64__)
enum { PROGRAM_COUNTER = 168, MASK = 296 };
#else
enum { PROGRAM_COUNTER = 176, MASK = 40 };
#endif

static volatile int calls, last_signal;
static struct siginfo last_info;

static void count_call(int signal, struct siginfo *info, void *context)
{
    (void)context;
    calls++;
    last_signal = signal;
    last_info = *info;
}

static uint64_t set_mask(int how, uint64_t mask)
{
    uint64_t old;
    OK(SYSCALL(rt_sigprocmask, how, &mask, &old, sizeof mask));
    return old;
}

static void raise(int signal) { OK(SYSCALL(tgkill, SYSCALL(getpid), SYSCALL(gettid), signal)); }

TEST(handler_is_called)
{
    OK(set_handler(SIGUSR1, count_call, 0));
    OK(SYSCALL(kill, SYSCALL(getpid), SIGUSR1));
    CHECK_EQ(calls, 1);
    CHECK_EQ(last_signal, SIGUSR1);
    CHECK_EQ(last_info.signal, SIGUSR1);
    CHECK_EQ(last_info.code, SI_USER);
    CHECK_EQ(last_info.pid, SYSCALL(getpid));
    raise(SIGUSR1);
    CHECK_EQ(calls, 2);
    CHECK_EQ(last_info.code, SI_TKILL);
}

TEST(default_and_ignored)
{
    CHECK_EQ(death_signal(CHILD(raise(SIGUSR2))), SIGUSR2);
    OK(ignore_signal(SIGUSR2));
    raise(SIGUSR2);
    CHECK_EQ(set_handler(SIGKILL, count_call, 0), -EINVAL);
}

TEST(blocked_signals_wait)
{
    OK(set_handler(SIGUSR1, count_call, 0));
    set_mask(SIG_BLOCK, signal_bit(SIGUSR1));
    raise(SIGUSR1);
    raise(SIGUSR1);
    CHECK_EQ(calls, 0);
    uint64_t pending;
    OK(SYSCALL(rt_sigpending, &pending, sizeof pending));
    CHECK_EQ(pending, signal_bit(SIGUSR1));
    set_mask(SIG_UNBLOCK, signal_bit(SIGUSR1));
    CHECK_EQ(calls, 1);
}

static volatile uint64_t mask_in_handler, mask_in_frame;

static void look_at_mask(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info;
    mask_in_handler = set_mask(SIG_BLOCK, 0);
    mask_in_frame = *(uint64_t *)((char *)context + MASK);
    /* What stands in the frame holds after the return. */
    *(uint64_t *)((char *)context + MASK) = signal_bit(SIGUSR2);
}

TEST(masks_of_a_handler)
{
    OK(set_handler(SIGUSR1, look_at_mask, 0));
    set_mask(SIG_SETMASK, signal_bit(SIGTERM));
    raise(SIGUSR1);
    CHECK_EQ(mask_in_handler, signal_bit(SIGTERM) | signal_bit(SIGUSR1));
    CHECK_EQ(mask_in_frame, signal_bit(SIGTERM));
    CHECK_EQ(set_mask(SIG_BLOCK, 0), signal_bit(SIGUSR2));
}

static volatile char *expected_address;

static void land(void) { exit_program(0); }

static void leave_fault(int signal, struct siginfo *info, void *context)
{
    CHECK_EQ(signal, SIGSEGV);
    CHECK_EQ(info->address, expected_address);
    *(unsigned long *)((char *)context + PROGRAM_COUNTER) = (unsigned long)land;
}

TEST(fault_tells_its_address)
{
    expected_address = (volatile char *)OK(map(auxiliary(AT_PAGESZ), PROT_NONE)) + 5;
    CHECK_CHILD({
        OK(set_handler(SIGSEGV, leave_fault, 0));
        (void)*expected_address;
        exit_program(5);
    });
    CHECK_CHILD({
        OK(set_handler(SIGSEGV, leave_fault, 0));
        *expected_address = 1;
        exit_program(5);
    });
}

static void run_illegal_instruction(void)
{
#if defined(__loongarch64)
    __asm__ volatile(".word 0");
#elif defined(__riscv)
    __asm__ volatile("unimp");
#else
    __asm__ volatile("ud2");
#endif
}

TEST(other_faults)
{
    CHECK_EQ(death_signal(CHILD(run_illegal_instruction())), SIGILL);
    CHECK_EQ(death_signal(CHILD(((void (*)(void))16)())), SIGSEGV);
}

static char alternate[32768] __attribute__((aligned(16)));
static volatile bool is_on_alternate;

static void look_at_stack(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info, (void)context;
    char here;
    is_on_alternate = &here > alternate && &here < alternate + sizeof alternate;
    struct signal_stack stack;
    OK(SYSCALL(sigaltstack, 0, &stack));
    CHECK_EQ(stack.flags, is_on_alternate ? SS_ONSTACK : 0);
}

TEST(alternate_stack)
{
    struct signal_stack stack = {alternate, 0, sizeof alternate}, small = {alternate, 0, 1000};
    CHECK_EQ(SYSCALL(sigaltstack, &small, 0), -ENOMEM);
    OK(SYSCALL(sigaltstack, &stack, 0));
    OK(set_handler(SIGUSR1, look_at_stack, SA_ONSTACK));
    raise(SIGUSR1);
    CHECK(is_on_alternate);
    OK(set_handler(SIGUSR1, look_at_stack, 0));
    raise(SIGUSR1);
    CHECK(!is_on_alternate);
}

static volatile int deepest = 1 << 20;

static int overflow(int depth)
{
    volatile char room[65536];
    room[0] = (char)depth;
    return depth == deepest ? 0 : overflow(depth + 1) + room[0];
}

static void note_overflow(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info, (void)context;
    exit_program(0);
}

TEST(overflow_of_the_stack_can_be_handled)
{
    CHECK_CHILD({
        struct signal_stack stack = {alternate, 0, sizeof alternate};
        OK(SYSCALL(sigaltstack, &stack, 0));
        OK(set_handler(SIGSEGV, note_overflow, SA_ONSTACK));
        exit_program(overflow(0) | 1);
    });
    CHECK_EQ(death_signal(CHILD({
        OK(set_handler(SIGSEGV, note_overflow, 0));
        exit_program(overflow(0) | 1);
    })), SIGSEGV);
}

static void spoil_registers(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info;
    calls++;
    volatile double value = 3.0;
    double sum = 0;
    for (int i = 0; i < 100; i++)
        sum = sum * value + i;
    value = sum;
#if defined(__loongarch64)
    /* Behind the registers stand the floating-point context and the end, each with its header (uapi asm/sigcontext.h). */
    const uint32_t *header = (const uint32_t *)((char *)context + 448);
    if (header[0] != 0x46505501 || header[1] < 16 + 272)
        exit_program(3);
    if (*(const uint32_t *)((char *)header + header[1]) != 0)
        exit_program(4);
#endif
    (void)context;
}

/* Many values that are alive at the same time, in registers of both kinds, and comparisons whose results are. */
static double work(unsigned long rounds)
{
    double a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
    unsigned long p = 1, q = 2, r = 3, s = 4, t = 5, u = 6;
    for (unsigned long i = 0; i < rounds; i++) {
        a = a * 1.0001 + b, b = b * 0.9999 + c, c = c > 1e9 ? 3 : c + d, d = d * 0.5 + e, e = e < 100 ? e + f : 1, f = f * 0.25 + g, g = g > h ? g - h : g + 3, h = h + a * 1e-9;
        p = p * 6364136223846793005UL + q, q ^= r >> 7, r += s << 3, s = s * 31 + t, t ^= u >> 11, u += p;
        if (a > 1e12)
            a = 1;
    }
    return a + b + c + d + e + f + g + h + (double)((p ^ q ^ r ^ s ^ t ^ u) >> 20);
}

TEST(registers_survive_handlers)
{
    enum { ROUNDS = 100000 };
    double alone = work(ROUNDS);
    OK(set_handler(SIGALRM, spoil_registers, SA_RESTART));
    struct interval_timer timer = {{0, 5000}, {0, 5000}}, none = {{0, 0}, {0, 0}};
    OK(SYSCALL(setitimer, 0, &timer, 0));
    do
        CHECK(work(ROUNDS) == alone);
    while (calls < 20);
    OK(SYSCALL(setitimer, 0, &none, 0));
}

TEST(interrupted_calls)
{
    int ends[2];
    char byte;
    OK(SYSCALL(pipe2, ends, 0));
    OK(set_handler(SIGALRM, count_call, 0));
    struct interval_timer soon = {{0, 0}, {0, 20000}};
    OK(SYSCALL(setitimer, 0, &soon, 0));
    CHECK_EQ(read(ends[0], &byte, 1), -EINTR);
    CHECK_EQ(calls, 1);

    OK(set_handler(SIGALRM, count_call, SA_RESTART));
    long child = OK(fork());
    if (child == 0) {
        long parent = SYSCALL(getppid);
        AWAIT(process_state(parent) == 'S');
        SYSCALL(kill, parent, SIGALRM);
        sleep_milliseconds(20);
        write(ends[1], "x", 1);
        exit_program(0);
    }
    CHECK_EQ(read(ends[0], &byte, 1), 1);
    CHECK_EQ(calls, 2);
    CHECK_EQ(wait_for(child, NULL, 0), child);
}

TEST(sleep_tells_what_is_left)
{
    OK(set_handler(SIGALRM, count_call, 0));
    struct interval_timer soon = {{0, 0}, {0, 20000}};
    struct timespec time = {30, 0}, rest = {0, 0};
    OK(SYSCALL(setitimer, 0, &soon, 0));
    CHECK_EQ(SYSCALL(nanosleep, &time, &rest), -EINTR);
    CHECK(rest.seconds >= 20 && rest.seconds < 30);
}

TEST(waiting_for_signals)
{
    set_mask(SIG_BLOCK, signal_bit(SIGUSR1));
    uint64_t wanted = signal_bit(SIGUSR1);
    struct timespec none = {0, 0};
    struct siginfo info;
    CHECK_EQ(SYSCALL(rt_sigtimedwait, &wanted, &info, &none, 8), -EAGAIN);
    struct siginfo queued = {.signal = SIGUSR1, .code = SI_QUEUE, .value = 0x12345678};
    OK(SYSCALL(rt_sigqueueinfo, SYSCALL(getpid), SIGUSR1, &queued));
    CHECK_EQ(SYSCALL(rt_sigtimedwait, &wanted, &info, 0, 8), SIGUSR1);
    CHECK_EQ(info.code, SI_QUEUE);
    CHECK_EQ(info.value, 0x12345678);

    OK(set_handler(SIGUSR1, count_call, 0));
    raise(SIGUSR1);
    uint64_t empty = 0;
    CHECK_EQ(SYSCALL(rt_sigsuspend, &empty, 8), -EINTR);
    CHECK_EQ(calls, 1);
}

static void raise_again(int signal, struct siginfo *info, void *context)
{
    (void)info, (void)context;
    if (++calls < 5)
        raise(signal == SIGUSR1 ? SIGUSR2 : SIGUSR1);
}

TEST(handlers_within_handlers)
{
    OK(set_handler(SIGUSR1, raise_again, SA_NODEFER));
    OK(set_handler(SIGUSR2, raise_again, SA_NODEFER));
    raise(SIGUSR1);
    CHECK_EQ(calls, 5);
}

/* A frame that is not whole ends the program. */
static void spoil_frame(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info, (void)context;
#if defined(__x86_64__)
    __asm__ volatile("mov $16, %%rsp; mov $15, %%eax; syscall" ::: "memory");
#elif defined(__riscv)
    __asm__ volatile("li sp, 16; li a7, 139; ecall" ::: "memory");
#else
    __asm__ volatile("ori $sp, $zero, 16; ori $a7, $zero, 139; syscall 0" ::: "memory");
#endif
}

TEST(no_frame_to_return_from)
{
    CHECK_EQ(death_signal(CHILD({
        OK(set_handler(SIGUSR1, spoil_frame, 0));
        raise(SIGUSR1);
    })), SIGSEGV);
}
