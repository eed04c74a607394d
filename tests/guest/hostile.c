/* SPDX-License-Identifier: MPL-2.0 */
/* Hostile pointers: every system call that reads or writes user memory says EFAULT when it can't, and changes nothing. */
#include "harness.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { PAGE = 4096 };

/* Descriptors that the table below names; they have these numbers in every child. */
enum { FILE_FD = 100, PIPE_READ_FD, PIPE_WRITE_FD, EPOLL_FD, DIRECTORY_FD, EVENT_FD, SOCKET_FD };

static void open_descriptors(void)
{
    int p[2], s[2];
    write_file("f", "some content");
    OK(dup2((int)OK(open("f", O_RDWR)), FILE_FD));
    OK(pipe(p));
    OK(dup2(p[0], PIPE_READ_FD));
    OK(dup2(p[1], PIPE_WRITE_FD));
    CHECK_EQ(write(p[1], "data", 4), 4);
    OK(dup2((int)OK(epoll_create1(0)), EPOLL_FD));
    OK(epoll_ctl(EPOLL_FD, EPOLL_CTL_ADD, PIPE_READ_FD, &(struct epoll_event){.events = EPOLLIN}));
    OK(dup2((int)OK(open(".", O_RDONLY)), DIRECTORY_FD));
    OK(dup2((int)OK(syscall(SYS_eventfd2, 1, 0)), EVENT_FD));
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    OK(dup2(s[0], SOCKET_FD));
    CHECK_EQ(write(s[1], "data", 4), 4);
}

/* BAD stands for the bad pointer, PATH and BUFFER for good ones. */
#define BAD 0xbadbadbadull
#define PATH 0xf00f00f00ull
#define BUFFER 0xbeefbeefull

static const struct {
    const char *name;
    int number;
    uint64_t arguments[6];
} calls[] = {
    {"read", SYS_read, {FILE_FD, BAD, 10}},
    {"write", SYS_write, {FILE_FD, BAD, 10}},
    {"pread64", SYS_pread64, {FILE_FD, BAD, 10, 0}},
    {"pwrite64", SYS_pwrite64, {FILE_FD, BAD, 10, 0}},
    {"read of a pipe", SYS_read, {PIPE_READ_FD, BAD, 4}},
    {"write of a pipe", SYS_write, {PIPE_WRITE_FD, BAD, 4}},
    {"read of an eventfd", SYS_read, {EVENT_FD, BAD, 8}},
    {"read of a socket", SYS_read, {SOCKET_FD, BAD, 4}},
    {"readv", SYS_readv, {FILE_FD, BAD, 1}},
    {"writev", SYS_writev, {FILE_FD, BAD, 1}},
/* Not on newer architectures. */
#ifdef SYS_open
    {"open", SYS_open, {BAD, O_RDONLY}},
#endif
    {"openat", SYS_openat, {(uint64_t)AT_FDCWD, BAD, O_RDONLY}},
#ifdef SYS_open
    {"stat path", SYS_stat, {BAD, BUFFER}},
    {"stat buffer", SYS_stat, {PATH, BAD}},
    {"lstat", SYS_lstat, {PATH, BAD}},
#endif
    {"fstat", SYS_fstat, {FILE_FD, BAD}},
    {"newfstatat", SYS_newfstatat, {(uint64_t)AT_FDCWD, PATH, BAD, 0}},
    {"statx", SYS_statx, {(uint64_t)AT_FDCWD, PATH, 0, 0x7ff, BAD}},
    {"statfs", SYS_statfs, {PATH, BAD}},
    {"fstatfs", SYS_fstatfs, {FILE_FD, BAD}},
#ifdef SYS_open
    {"access", SYS_access, {BAD, 0}},
#endif
    {"chdir", SYS_chdir, {BAD}},
#ifdef SYS_open
    {"mkdir", SYS_mkdir, {BAD, 0755}},
    {"rmdir", SYS_rmdir, {BAD}},
    {"unlink", SYS_unlink, {BAD}},
    {"rename from", SYS_rename, {BAD, PATH}},
    {"rename to", SYS_rename, {PATH, BAD}},
    {"link", SYS_link, {PATH, BAD}},
    {"symlink", SYS_symlink, {BAD, PATH}},
    {"chmod", SYS_chmod, {BAD, 0644}},
    {"chown", SYS_chown, {BAD, 0, 0}},
#endif
    {"truncate", SYS_truncate, {BAD, 0}},
#ifdef SYS_open
    {"mknod", SYS_mknod, {BAD, S_IFREG | 0644, 0}},
#endif
    {"utimensat times", SYS_utimensat, {(uint64_t)AT_FDCWD, PATH, BAD, 0}},
    {"getdents64", SYS_getdents64, {DIRECTORY_FD, BAD, 1000}},
    {"getcwd", SYS_getcwd, {BAD, 1000}},
#ifdef SYS_open
    {"pipe", SYS_pipe, {BAD}},
#endif
    {"pipe2", SYS_pipe2, {BAD, 0}},
#ifdef SYS_open
    {"poll", SYS_poll, {BAD, 1, 0}},
    {"select", SYS_select, {10, BAD, 0, 0, 0}},
    {"epoll_wait", SYS_epoll_wait, {EPOLL_FD, BAD, 1, 0}},
#endif
    {"epoll_ctl", SYS_epoll_ctl, {EPOLL_FD, EPOLL_CTL_MOD, PIPE_READ_FD, BAD}},
    {"rt_sigaction new", SYS_rt_sigaction, {SIGUSR1, BAD, 0, 8}},
    {"rt_sigaction old", SYS_rt_sigaction, {SIGUSR1, 0, BAD, 8}},
    {"rt_sigprocmask new", SYS_rt_sigprocmask, {SIG_BLOCK, BAD, 0, 8}},
    {"rt_sigprocmask old", SYS_rt_sigprocmask, {SIG_BLOCK, 0, BAD, 8}},
    {"rt_sigpending", SYS_rt_sigpending, {BAD, 8}},
    {"rt_sigtimedwait", SYS_rt_sigtimedwait, {BAD, 0, 0, 8}},
    {"sigaltstack", SYS_sigaltstack, {BAD, 0}},
    {"nanosleep", SYS_nanosleep, {BAD, 0}},
    {"clock_gettime", SYS_clock_gettime, {CLOCK_MONOTONIC, BAD}},
    {"clock_getres", SYS_clock_getres, {CLOCK_MONOTONIC, BAD}},
    {"clock_nanosleep", SYS_clock_nanosleep, {CLOCK_MONOTONIC, 0, BAD, 0}},
    {"gettimeofday", SYS_gettimeofday, {BAD, 0}},
    {"getitimer", SYS_getitimer, {0, BAD}},
    {"setitimer", SYS_setitimer, {0, BAD, 0}},
    {"times", SYS_times, {BAD}},
    {"uname", SYS_uname, {BAD}},
    {"sysinfo", SYS_sysinfo, {BAD}},
    {"getrlimit", SYS_getrlimit, {RLIMIT_NOFILE, BAD}},
    {"setrlimit", SYS_setrlimit, {RLIMIT_NOFILE, BAD}},
    {"prlimit64", SYS_prlimit64, {0, RLIMIT_NOFILE, BAD, 0}},
    {"getrusage", SYS_getrusage, {0, BAD}},
    {"getresuid", SYS_getresuid, {BAD, BUFFER, BUFFER}},
    {"getgroups", SYS_setgroups, {1, BAD}},
    {"getrandom", SYS_getrandom, {BAD, 16, 0}},
    {"execve path", SYS_execve, {BAD, 0, 0}},
    {"futex", SYS_futex, {BAD & ~3ull, 0, 0, 0, 0, 0}},
    {"set_robust_list is lazy, get_robust_list is not", SYS_get_robust_list, {0, BAD, BUFFER}},
    {"sethostname", SYS_sethostname, {BAD, 5}},
    {"mount", SYS_mount, {0, PATH, BAD, 0, 0}},
    {"umount2", SYS_umount2, {BAD, 0}},
    {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, BAD}},
    {"bind", SYS_bind, {SOCKET_FD, BAD, 10}},
    {"connect", SYS_connect, {SOCKET_FD, BAD, 10}},
    {"sendmsg", SYS_sendmsg, {SOCKET_FD, BAD, 0}},
    {"recvmsg", SYS_recvmsg, {SOCKET_FD, BAD, 0}},
    {"getsockname", SYS_getsockname, {SOCKET_FD, BUFFER, BAD}},
    {"ioctl TCGETS", SYS_ioctl, {PIPE_READ_FD, 0x541b /* FIONREAD */, BAD}},
    {"clone3", SYS_clone3, {BAD, 88}},
};

static uint64_t replace(uint64_t argument, uint64_t bad)
{
    static char buffer[4096];
    if (argument == BAD || argument == (BAD & ~3ull))
        return argument == BAD ? bad : bad & ~3ull;
    if (argument == PATH)
        return (uint64_t)"f";
    if (argument == BUFFER)
        return (uint64_t)buffer;
    return argument;
}

static void check_all(uint64_t bad)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        CHECK_CHILD({
            open_descriptors();
            uint64_t a[6];
            for (int j = 0; j < 6; j++)
                a[j] = replace(calls[i].arguments[j], bad);
            errno = 0;
            long result = syscall(calls[i].number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if (result != -1 || errno != EFAULT) {
                printf("  %s with %#lx: %ld, %s\n", calls[i].name, (long)bad, result, strerror(errno));
                fflush(stdout);
                _exit(1);
            }
        });
    }
}

TEST(unmapped_low_address)
{
    check_all(0x1000);
}

TEST(kernel_address)
{
    check_all(0xffffffff80200000);
}

TEST(linear_map_address)
{
    check_all(0xffff888000001000);
}

TEST(non_canonical_address)
{
    check_all(0x8000000000000000);
}

TEST(first_address_behind_user_space)
{
    check_all(0x7ffffffff000);
}

TEST(unreadable_page)
{
    char *page = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    check_all((uint64_t)page);
}

TEST(lengths_that_wrap)
{
    static char buffer[64];
    open_descriptors();
    CHECK_ERRNO(syscall(SYS_read, FILE_FD, 0xfffffffffffff000, 0x2000), EFAULT);
    CHECK_ERRNO(syscall(SYS_write, FILE_FD, buffer, (size_t)-1), EFAULT);
    CHECK_ERRNO(syscall(SYS_getdents64, DIRECTORY_FD, 0xffffffff80000000, 1000), EFAULT);
    CHECK_ERRNO(syscall(SYS_mmap, 0, (size_t)-1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(syscall(SYS_mmap, 0, 0x800000000000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(syscall(SYS_munmap, 0x1000, (size_t)-PAGE), EINVAL);
    CHECK_ERRNO(syscall(SYS_ppoll, buffer, 0x10000000, NULL, NULL, 8), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigprocmask, SIG_BLOCK, buffer, 0, 4), EINVAL);
    CHECK_ERRNO(syscall(SYS_rt_sigaction, SIGUSR1, buffer, 0, 16), EINVAL);
    struct iovec huge[2] = {{buffer, (size_t)1 << 62}, {buffer, (size_t)1 << 62}};
    CHECK_ERRNO(syscall(SYS_readv, FILE_FD, huge, 2), EFAULT);
}

TEST(string_at_the_end_of_memory)
{
    char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    OK(munmap(pages + PAGE, PAGE));
    write_file("f", "x");
    char *end = pages + PAGE;
    memcpy(end - 2, "f", 2);
    OK(access(end - 2, F_OK));
    end[-1] = 'f';
    CHECK_ERRNO(access(end - 2, F_OK), EFAULT);
}

TEST(unknown_calls)
{
    for (int number = 600; number < 2000; number += 13)
        CHECK_ERRNO(syscall(number, 0, 0, 0, 0, 0, 0), ENOSYS);
    CHECK_ERRNO(syscall(-1), ENOSYS);
    CHECK_ERRNO(syscall(0x7fffffff), ENOSYS);
}
