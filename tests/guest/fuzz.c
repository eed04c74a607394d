/* SPDX-License-Identifier: MPL-2.0 */
/*
 * Random arguments at every system call. What counts is that the kernel lives on and reports no fault of its own; what the calls answer doesn't
 * matter here. The sequence of calls follows from the batch's number, so that a batch that harms can be run again.
 */
#include "harness.h"

#include <sys/klog.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

/* Calls that newer architectures do not have; the fuzzer makes up no negative number. */
#ifndef SYS_fork
#define SYS_fork (-1)
#define SYS_vfork (-1)
#define SYS_pause (-1)
#define SYS_poll (-1)
#define SYS_select (-1)
#define SYS_arch_prctl (-1)
#define SYS_alarm (-1)
#define SYS_modify_ldt (-1)
#define SYS_iopl (-1)
#define SYS_ioperm (-1)
#endif

enum { CALLS_AS_USER = 200000, CALLS_AS_ROOT = 50000, CALLS_PER_BATCH = 1000, HIGHEST_CALL = 462, USER = 1000 };

/* Shared between the fuzzing process and the one that watches it. */
static volatile struct {
    long calls;
    int current;
} *progress;

static uint64_t random_state;

static uint64_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Calls that end or block the process by design: still made, but seldom. */
static const short seldom[] = {
    SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_pause, SYS_rt_sigsuspend, SYS_execve, SYS_execveat, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3, SYS_kill, SYS_tkill, SYS_tgkill,
    SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_wait4, SYS_waitid, SYS_munmap, SYS_mprotect, SYS_brk, SYS_nanosleep, SYS_clock_nanosleep, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_futex, SYS_seccomp,
    SYS_arch_prctl, SYS_prctl, SYS_ptrace, SYS_rt_sigprocmask, SYS_setitimer, SYS_alarm, SYS_flock, SYS_semop, SYS_msgrcv, SYS_rt_sigtimedwait, SYS_close_range, SYS_modify_ldt, SYS_userfaultfd, SYS_shmat, SYS_mremap, SYS_mmap,
};

/* What root may do to the machine as a whole; these are left to the ordinary user, who is refused. */
static const short not_as_root[] = {
    SYS_reboot, SYS_kexec_load, SYS_kexec_file_load, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_sethostname, SYS_setdomainname, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_kill, SYS_tkill,
    SYS_tgkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_swapon, SYS_swapoff, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_iopl, SYS_ioperm, SYS_ptrace, SYS_unshare, SYS_setns, SYS_syslog, SYS_bpf, SYS_acct,
    SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam, SYS_setpriority, SYS_vhangup, SYS_mlockall, SYS_mlock, SYS_move_mount, SYS_fsopen, SYS_fsmount, SYS_open_tree, SYS_mount_setattr, SYS_process_vm_writev,
    SYS_process_madvise, SYS_pidfd_send_signal, SYS_perf_event_open, SYS_setrlimit, SYS_prlimit64, SYS_quotactl, SYS_process_vm_readv, SYS_kcmp, SYS_migrate_pages, SYS_ioctl, SYS_fork, SYS_vfork, SYS_clone, SYS_clone3,
};

static bool contains(const short *list, size_t size, int number)
{
    for (size_t i = 0; i < size / sizeof *list; i++)
        if (list[i] == number)
            return true;
    return false;
}

static char *arena;

static uint64_t random_argument(void)
{
    static const char *paths[] = {"f", "d", "l", ".", "..", "d/new", "/proc/self/maps", "/proc/self/fd/1", "/dev/null", "/dev/zero", "/proc/1/status", "no/such", "", "/"};
    uint64_t r = random_number();
    switch (r % 16) {
    case 0: return 0;
    case 1: return (uint64_t)-1;
    case 2: return (r >> 8) % 16;
    case 3: return 3 + (r >> 8) % 12;
    case 4: return 1ull << ((r >> 8) % 64);
    case 5: return (r >> 8) % 5000;
    case 6: return 0xffffffff80000000ull + ((r >> 8) % 0x10000000);
    case 7: return 0xffff800000000000ull + (r >> 24);
    case 8: return 0x8000000000000000ull;
    case 9: return r;
    case 10: return (uint32_t)r;
    case 11: return (uint64_t)paths[(r >> 8) % (sizeof paths / sizeof *paths)];
    case 12: return (uint64_t)arena + 8192 - (r >> 8) % 16;
    case 13: return (uint64_t)AT_FDCWD;
    default: return (uint64_t)arena + (r >> 8) % 4096 / 8 * 8;
    }
}

static void on_alarm(int signal)
{
    (void)signal;
}

static void set_limit(int resource, rlim_t value)
{
    OK(setrlimit(resource, &(struct rlimit){value, value}));
}

static void prepare(bool as_root)
{
    set_limit(RLIMIT_FSIZE, 1 << 20);
    set_limit(RLIMIT_NOFILE, 64);
    set_limit(RLIMIT_AS, 128 << 20);
    set_limit(RLIMIT_MEMLOCK, 0);
    set_limit(RLIMIT_CPU, 20);
    set_limit(RLIMIT_CORE, 0);
    if (!as_root) {
        set_limit(RLIMIT_NPROC, 16);
        OK(setgid(USER));
        OK(setuid(USER));
    }
    int null = (int)OK(open("/dev/null", O_RDWR)), sockets[2], ends[2];
    for (int fd = 0; fd < 3; fd++)
        OK(dup2(null, fd));
    open("f", O_RDWR);
    open("d", O_RDONLY);
    /* Root may remove what it likes, but only in here. */
    if (as_root)
        OK(chroot("."));
    pipe2(ends, O_NONBLOCK);
    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets);
    syscall(SYS_eventfd2, 1, O_NONBLOCK);
    syscall(SYS_epoll_create1, 0);
    /* With a guard page: a call that fills what follows the buffer would overwrite the harness. */
    arena = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(arena != MAP_FAILED);
    OK(mprotect(arena + 8192, 4096, PROT_NONE));
    /* Interrupts what blocks. A call may well switch this off: then the watching process ends the batch. */
    OK(sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL));
    OK(setitimer(ITIMER_REAL, &(struct itimerval){{0, 10000}, {0, 10000}}, NULL));
}

_Noreturn static void run_batch(uint64_t seed, bool as_root)
{
    prepare(as_root);
    random_state = seed * 0x9e3779b97f4a7c15ull + 1;
    for (int i = 0; i < CALLS_PER_BATCH; i++) {
        int number = (int)(random_number() % HIGHEST_CALL);
        bool skip = contains(seldom, sizeof seldom, number) && random_number() % 32 != 0;
        if (skip || (as_root && contains(not_as_root, sizeof not_as_root, number))) {
            i--;
            continue;
        }
        /* The buffers that pointers point to hold something that may pass as a small number, a flag or a pointer. */
        for (int j = 0; j < 8; j++)
            ((uint64_t *)arena)[random_number() % 1024] = random_argument();
        progress->current = number;
        progress->calls++;
        syscall(number, random_argument(), random_argument(), random_argument(), random_argument(), random_argument(), random_argument());
    }
    _exit(0);
}

/* Waits for the batch's end, or kills it when a call blocks it for good. */
static void watch(pid_t child)
{
    long seen = -1;
    int64_t since = 0;
    for (;;) {
        int status;
        pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child)
            return;
        CHECK_EQ(ended, 0);
        int64_t now = now_ns(CLOCK_MONOTONIC);
        if (progress->calls != seen) {
            seen = progress->calls;
            since = now;
        } else if (now - since > 200000000) {
            OK(kill(child, SIGKILL));
            OK(waitpid(child, &status, 0));
            return;
        }
        usleep(1000);
    }
}

/* Ends what the batch's processes have started. */
static void kill_user_processes(void)
{
    CHILD({
        OK(setuid(USER));
        kill(-1, SIGKILL);
    });
}

static void check_kernel_log(void)
{
    static char log[1 << 20];
    int length = klogctl(3 /* SYSLOG_ACTION_READ_ALL */, log, sizeof log - 1);
    if (length < 0)
        return;
    log[length] = 0;
    const char *const signs[] = {"Oops", "oops:", "BUG:", "WARNING:", "Unhandled exception"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        char *found = strstr(log, signs[i]);
        if (found) {
            found[300 < strlen(found) ? 300 : strlen(found)] = 0;
            harness_fail(__FILE__, __LINE__, "the kernel's log is clean", found);
        }
    }
}

/* A fuzzing run takes longer than one test may: it is made of tests that each make a part of the calls. */
static void fuzz(uint64_t first_seed, long calls, bool as_root)
{
    progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(progress != MAP_FAILED);
    OK(mkdir("d", 0777));
    write_file("f", "content");
    OK(symlink("f", "l"));
    OK(chown(".", USER, USER));
    OK(chown("f", USER, USER));
    uint64_t seed = first_seed;
    long made = 0;
    while (made < calls) {
        fflush(stdout);
        progress->calls = 0;
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            setpgid(0, 0);
            run_batch(seed, as_root);
        }
        watch(child);
        /* A wild call may hit the counter itself: what can't be true isn't counted. */
        if (progress->calls > 0 && progress->calls <= CALLS_PER_BATCH)
            made += progress->calls;
        kill(-child, SIGKILL);
        if (!as_root)
            kill_user_processes();
        seed++;
    }
    check_kernel_log();
    printf("  %ld calls in %ld batches\n", made, (long)(seed - first_seed));
    /* Still a working system. */
    CHECK_CHILD(execl("/bin/sh", "sh", "-c", "test \"$(echo ok | tr a-z A-Z)\" = OK", NULL); _exit(1));
}

#define FUZZ_USER(n) TEST(as_user_##n) { fuzz(1000 * n, CALLS_AS_USER / 10, false); }
FUZZ_USER(1)
FUZZ_USER(2)
FUZZ_USER(3)
FUZZ_USER(4)
FUZZ_USER(5)
FUZZ_USER(6)
FUZZ_USER(7)
FUZZ_USER(8)
FUZZ_USER(9)
FUZZ_USER(10)

TEST(as_root_1)
{
    fuzz(100000, CALLS_AS_ROOT / 2, true);
}

TEST(as_root_2)
{
    fuzz(200000, CALLS_AS_ROOT / 2, true);
}
