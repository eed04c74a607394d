/* SPDX-License-Identifier: MPL-2.0 */
/* Signals: sigaction(2), sigprocmask(2), kill(2), sigqueue(3), sigsuspend(2), sigtimedwait(2), sigaltstack(2), signal(7). */
#include "harness.h"

#include <setjmp.h>
#include <sys/time.h>
#include <ucontext.h>

/* What the architectures differ in: instructions, and where registers are in a context. */
#ifdef __riscv
#define INVALID "unimp"
#define INVALID_LENGTH 4
#define INVALID_WITH_RESULT ".option push; .option norvc; li a0, 0; unimp; .option pop; mv %0, a0" : "=r"(result) : : "a0"
#define BREAKPOINT "ebreak"
#define PRIVILEGED "csrr zero, sstatus"
#define PRIVILEGED_SIGNAL SIGILL
#define SIGRETURN_WITHOUT_FRAME "li sp, 8; li a7, 139; ecall"
#define CONTEXT_PC(context) ((context)->uc_mcontext.__gregs[REG_PC])
#define CONTEXT_RESULT(context) ((context)->uc_mcontext.__gregs[REG_A0])
typedef unsigned long greg_type;
#else
#define INVALID "ud2"
#define INVALID_LENGTH 2
#define INVALID_WITH_RESULT "xorl %%eax, %%eax; ud2" : "=a"(result)
#define BREAKPOINT "int3"
#define PRIVILEGED "hlt"
#define PRIVILEGED_SIGNAL SIGSEGV
#define SIGRETURN_WITHOUT_FRAME "movq $8, %%rsp; movl $15, %%eax; syscall"
#define CONTEXT_PC(context) ((context)->uc_mcontext.gregs[REG_RIP])
#define CONTEXT_RESULT(context) ((context)->uc_mcontext.gregs[REG_RAX])
typedef greg_t greg_type;
#endif

static volatile sig_atomic_t count, last_signal, last_code;
static volatile pid_t last_sender;
static volatile intptr_t last_value;
static void *volatile last_address;

static void on_signal(int signal)
{
    count++;
    last_signal = signal;
}

static void on_information(int signal, siginfo_t *info, void *context)
{
    (void)context;
    count++;
    last_signal = signal;
    last_code = info->si_code;
    last_sender = info->si_pid;
    last_value = (intptr_t)info->si_value.sival_ptr;
    last_address = info->si_addr;
}

static void install(int signal, int flags)
{
    struct sigaction action = {.sa_flags = flags};
    if (flags & SA_SIGINFO)
        action.sa_sigaction = on_information;
    else
        action.sa_handler = on_signal;
    OK(sigaction(signal, &action, NULL));
}

TEST(handler_runs)
{
    install(SIGUSR1, 0);
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 1);
    CHECK_EQ(last_signal, SIGUSR1);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(count, 2);
}

TEST(sender_is_told)
{
    install(SIGUSR1, SA_SIGINFO);
    OK(kill(getpid(), SIGUSR1));
    CHECK_EQ(last_code, SI_USER);
    CHECK_EQ(last_sender, getpid());
    OK(sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)0x1234}));
    CHECK_EQ(last_code, SI_QUEUE);
    CHECK_EQ(last_value, 0x1234);
    OK(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1));
    CHECK_EQ(last_code, SI_TKILL);
}

TEST(blocked_signals_wait)
{
    install(SIGUSR1, 0);
    sigset_t set, old, pending;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    OK(raise(SIGUSR1));
    OK(raise(SIGUSR1));
    CHECK_EQ(count, 0);
    OK(sigpending(&pending));
    CHECK(sigismember(&pending, SIGUSR1));
    OK(sigprocmask(SIG_SETMASK, &old, NULL));
    CHECK_EQ(count, 1);
    CHECK_ERRNO(sigprocmask(99, &set, NULL), EINVAL);
}

TEST(real_time_signals_queue)
{
    install(SIGRTMIN + 1, SA_SIGINFO);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    for (intptr_t i = 1; i <= 5; i++)
        OK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_ptr = (void *)i}));
    OK(sigprocmask(SIG_UNBLOCK, &set, NULL));
    CHECK_EQ(count, 5);
    siginfo_t info;
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    for (intptr_t i = 1; i <= 3; i++)
        OK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_ptr = (void *)i}));
    for (intptr_t i = 1; i <= 3; i++) {
        CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN + 1);
        CHECK_EQ((intptr_t)info.si_value.sival_ptr, i);
    }
}

TEST(cannot_catch)
{
    CHECK_ERRNO(sigaction(SIGKILL, &(struct sigaction){.sa_handler = on_signal}, NULL), EINVAL);
    CHECK_ERRNO(sigaction(SIGSTOP, &(struct sigaction){.sa_handler = SIG_IGN}, NULL), EINVAL);
    CHECK_ERRNO(sigaction(0, NULL, NULL), EINVAL);
    CHECK_ERRNO(sigaction(65, NULL, NULL), EINVAL);
    sigset_t all, now;
    sigfillset(&all);
    OK(sigprocmask(SIG_SETMASK, &all, NULL));
    OK(sigprocmask(SIG_SETMASK, NULL, &now));
    CHECK(!sigismember(&now, SIGKILL));
    CHECK(!sigismember(&now, SIGSTOP));
}

TEST(kill_errors)
{
    CHECK_ERRNO(kill(getpid(), 65), EINVAL);
    CHECK_ERRNO(kill(999999, SIGTERM), ESRCH);
    CHECK_ERRNO(kill(-999999, SIGTERM), ESRCH);
    OK(kill(getpid(), 0));
    CHECK_ERRNO(syscall(SYS_tgkill, getpid(), 999999, SIGTERM), ESRCH);
    CHECK_ERRNO(syscall(SYS_tgkill, 0, gettid(), SIGTERM), EINVAL);
    CHECK_CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(kill(1, SIGTERM), EPERM);
    });
}

TEST(flags_of_an_action)
{
    install(SIGUSR1, SA_RESETHAND);
    OK(raise(SIGUSR1));
    struct sigaction action;
    OK(sigaction(SIGUSR1, NULL, &action));
    CHECK(action.sa_handler == SIG_DFL);
    int status = CHILD(raise(SIGUSR1));
    CHECK_EQ(WTERMSIG(status), SIGUSR1);
}

static volatile int depth, deepest;

static void on_nested(int signal)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (count++ < 3)
        raise(signal);
    depth--;
}

TEST(own_signal_is_blocked_in_the_handler)
{
    OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_nested}, NULL));
    OK(raise(SIGUSR1));
    CHECK_EQ(deepest, 1);
    CHECK_EQ(count, 4);
    count = deepest = 0;
    OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_nested, .sa_flags = SA_NODEFER}, NULL));
    OK(raise(SIGUSR1));
    CHECK_EQ(deepest, 4);
}

TEST(interrupted_calls)
{
    int p[2];
    OK(pipe(p));
    pid_t parent = getpid();
    install(SIGUSR1, 0);
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        AWAIT(process_state(parent) == 'S');
        OK(kill(parent, SIGUSR1));
        _exit(0);
    }
    char c;
    CHECK_ERRNO(read(p[0], &c, 1), EINTR);
    OK(waitpid(child, NULL, 0));

    install(SIGUSR1, SA_RESTART);
    child = (pid_t)OK(fork());
    if (child == 0) {
        AWAIT(process_state(parent) == 'S');
        OK(kill(parent, SIGUSR1));
        /* The handler has run once the parent sleeps again: the write can't come before the restart. */
        AWAIT(process_state(parent) == 'S');
        write(p[1], "x", 1);
        _exit(0);
    }
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(count, 2);
    OK(waitpid(child, NULL, 0));
}

TEST(sleep_is_interrupted)
{
    install(SIGALRM, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 50000}};
    OK(setitimer(ITIMER_REAL, &timer, NULL));
    struct timespec time = {10, 0}, left;
    CHECK_ERRNO(nanosleep(&time, &left), EINTR);
    CHECK(left.tv_sec >= 8 && left.tv_sec <= 9);
}

TEST(suspend)
{
    install(SIGUSR1, 0);
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    OK(raise(SIGUSR1));
    CHECK_ERRNO(sigsuspend(&none), EINTR);
    CHECK_EQ(count, 1);
    sigset_t now;
    OK(sigprocmask(SIG_SETMASK, NULL, &now));
    CHECK(sigismember(&now, SIGUSR1));
}

TEST(timed_wait)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    struct timespec brief = {0, 20000000};
    siginfo_t info;
    int64_t start = now_ns(CLOCK_MONOTONIC);
    CHECK_ERRNO(sigtimedwait(&set, &info, &brief), EAGAIN);
    CHECK(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
    OK(raise(SIGUSR1));
    CHECK_EQ(sigtimedwait(&set, &info, &brief), SIGUSR1);
    CHECK_EQ(info.si_pid, getpid());
}

TEST(default_actions)
{
    const int fatal[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2, SIGIO, SIGSYS, SIGXCPU, SIGVTALRM, SIGRTMIN};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
        int status = CHILD(raise(fatal[i]));
        CHECK(WIFSIGNALED(status));
        CHECK_EQ(WTERMSIG(status), fatal[i]);
    }
    const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        CHECK_CHILD(raise(ignored[i]));
}

static sigjmp_buf escape;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)context;
    last_signal = signal;
    last_code = info->si_code;
    last_address = info->si_addr;
    siglongjmp(escape, 1);
}

TEST(faults_become_signals)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    OK(sigaction(SIGSEGV, &action, NULL));
    OK(sigaction(SIGFPE, &action, NULL));
    OK(sigaction(SIGILL, &action, NULL));
    OK(sigaction(SIGBUS, &action, NULL));
    OK(sigaction(SIGTRAP, &action, NULL));
    if (sigsetjmp(escape, 1) == 0)
        *(volatile int *)0x1000 = 1;
    CHECK_EQ(last_signal, SIGSEGV);
    CHECK_EQ(last_code, SEGV_MAPERR);
    CHECK_EQ((uintptr_t)last_address, 0x1000);
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (sigsetjmp(escape, 1) == 0)
        *(volatile char *)(page + 5) = 1;
    CHECK_EQ(last_code, SEGV_ACCERR);
    CHECK(last_address == page + 5);
    if (sigsetjmp(escape, 1) == 0)
        ((void (*)(void))page)();
    CHECK_EQ(last_signal, SIGSEGV);
    CHECK_EQ(last_code, SEGV_ACCERR);
    if (sigsetjmp(escape, 1) == 0)
        __asm__ volatile(INVALID);
    CHECK_EQ(last_signal, SIGILL);
#ifdef __x86_64__
    if (sigsetjmp(escape, 1) == 0)
        __asm__ volatile("xorl %%edx, %%edx; movl $1, %%eax; xorl %%ecx, %%ecx; divl %%ecx" ::: "eax", "ecx", "edx");
    CHECK_EQ(last_signal, SIGFPE);
    CHECK_EQ(last_code, FPE_INTDIV);
#endif
    if (sigsetjmp(escape, 1) == 0)
        __asm__ volatile(BREAKPOINT);
    CHECK_EQ(last_signal, SIGTRAP);
    /* Kernel addresses are page faults, and privileged instructions what the architecture makes of them. */
    last_signal = 0;
    if (sigsetjmp(escape, 1) == 0)
        __asm__ volatile(PRIVILEGED);
    CHECK_EQ(last_signal, PRIVILEGED_SIGNAL);
    last_signal = 0;
    if (sigsetjmp(escape, 1) == 0)
        *(volatile long *)0xffffffff80000000ul = 1;
    CHECK_EQ(last_signal, SIGSEGV);
    last_signal = 0;
    if (sigsetjmp(escape, 1) == 0)
        *(volatile long *)0x8000000000000000ul = 1;
    CHECK_EQ(last_signal, SIGSEGV);
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    char *beyond = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    if (sigsetjmp(escape, 1) == 0)
        (void)*(volatile char *)beyond;
    CHECK_EQ(last_signal, SIGBUS);
    CHECK_EQ(last_code, BUS_ADRERR);
}

static char *volatile handler_stack;

static void on_stack(int signal)
{
    (void)signal;
    handler_stack = __builtin_frame_address(0);
}

TEST(alternate_stack)
{
    static char memory[65536];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory}, old;
    OK(sigaltstack(&stack, &old));
    CHECK_EQ(old.ss_flags, SS_DISABLE);
    OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = on_stack, .sa_flags = SA_ONSTACK}, NULL));
    OK(raise(SIGUSR1));
    CHECK(handler_stack >= memory && handler_stack < memory + sizeof memory);
    stack.ss_size = 100;
    CHECK_ERRNO(sigaltstack(&stack, NULL), ENOMEM);
    stack.ss_flags = SS_DISABLE;
    OK(sigaltstack(&stack, NULL));
}

static void on_overflow(int signal)
{
    (void)signal;
    _exit(42);
}

static int recurse(volatile int n)
{
    volatile char block[4096];
    block[0] = (char)n;
    return recurse(n + 1) + block[0];
}

TEST(stack_overflow)
{
    int status = CHILD(_exit(recurse(0)));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    status = CHILD({
        static char memory[65536];
        OK(sigaltstack(&(stack_t){.ss_sp = memory, .ss_size = sizeof memory}, NULL));
        OK(sigaction(SIGSEGV, &(struct sigaction){.sa_handler = on_overflow, .sa_flags = SA_ONSTACK}, NULL));
        _exit(recurse(0));
    });
    CHECK_EQ(WEXITSTATUS(status), 42);
}

TEST(registers_survive_a_handler)
{
    install(SIGALRM, SA_RESTART);
    struct itimerval timer = {.it_value = {0, 1000}, .it_interval = {0, 1000}};
    OK(setitimer(ITIMER_REAL, &timer, NULL));
    uint64_t sum = 0;
    double floating = 0;
    while (count < 50) {
        uint64_t x = 0;
        double f = 0;
        for (int i = 1; i <= 10000; i++) {
            x = x * 6364136223846793005ull + (uint64_t)i;
            f = f * 0.5 + i;
        }
        if (sum == 0) {
            sum = x;
            floating = f;
        }
        CHECK(sum == x && floating == f);
    }
}

static void change_context(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    ucontext_t *user = context;
    CONTEXT_PC(user) += INVALID_LENGTH;
    CONTEXT_RESULT(user) = 0x1122334455667788;
}

TEST(context_can_be_changed)
{
    OK(sigaction(SIGILL, &(struct sigaction){.sa_sigaction = change_context, .sa_flags = SA_SIGINFO}, NULL));
    uint64_t result;
    __asm__ volatile(INVALID_WITH_RESULT);
    CHECK_EQ(result, 0x1122334455667788);
}

static void bad_context(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    ucontext_t *user = context;
    CONTEXT_PC(user) = (greg_type)0x8000000000000000ull;
#ifdef __x86_64__
    user->uc_mcontext.gregs[REG_CSGSFS] = -1;
    user->uc_mcontext.gregs[REG_EFL] = -1;
#endif
}

TEST(hostile_context_only_kills_its_process)
{
    int status = CHILD({
        OK(sigaction(SIGUSR1, &(struct sigaction){.sa_sigaction = bad_context, .sa_flags = SA_SIGINFO}, NULL));
        raise(SIGUSR1);
    });
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    status = CHILD(__asm__ volatile(SIGRETURN_WITHOUT_FRAME ::: "memory"));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
}

TEST(child_signal)
{
    install(SIGCHLD, SA_SIGINFO);
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    OK(sigprocmask(SIG_BLOCK, &set, &old));
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        _exit(4);
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGCHLD);
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_EQ(info.si_status, 4);
    OK(waitpid(child, NULL, 0));
}

TEST(group_signal)
{
    int p[2];
    OK(pipe(p));
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = (pid_t)OK(fork());
        if (children[i] == 0) {
            setpgid(0, children[0]);
            write(p[1], "r", 1);
            for (;;)
                pause();
        }
        OK(setpgid(children[i], children[0]));
    }
    char c;
    for (int i = 0; i < 3; i++)
        CHECK_EQ(read(p[0], &c, 1), 1);
    OK(kill(-children[0], SIGTERM));
    for (int i = 0; i < 3; i++) {
        int status;
        CHECK_EQ(waitpid(children[i], &status, 0), children[i]);
        CHECK_EQ(WTERMSIG(status), SIGTERM);
    }
}

TEST(broken_pipe)
{
    int p[2];
    OK(pipe(p));
    OK(close(p[0]));
    int status = CHILD(write(p[1], "x", 1));
    CHECK_EQ(WTERMSIG(status), SIGPIPE);
    signal(SIGPIPE, SIG_IGN);
    CHECK_ERRNO(write(p[1], "x", 1), EPIPE);
}

TEST(signal_storm)
{
    install(SIGUSR1, SA_RESTART);
    pid_t parent = getpid();
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        for (int i = 0; i < 2000; i++)
            kill(parent, SIGUSR1);
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    CHECK(count > 0);
}
