/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A runtime for programs without a C library: for the architectures that Debian has none for. Types, constants and calls are Linux's own (uapi), not POSIX's: a call returns a negative error number.
 * Only what the programs here use stands here.
 */
#ifndef FREE_H
#define FREE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine.h"

enum {
    EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENOEXEC = 8, EBADF = 9, ECHILD = 10, EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, ENOTDIR = 20,
    EISDIR = 21, EINVAL = 22, ENOTTY = 25, ESPIPE = 29, EPIPE = 32, ENOSYS = 38, ENOTEMPTY = 39, ELOOP = 40, ETIMEDOUT = 110,
};

enum { AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_EMPTY_PATH = 0x1000 };
enum {
    O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_NOCTTY = 0400, O_TRUNC = 01000, O_APPEND = 02000, O_NONBLOCK = 04000, O_DIRECTORY = 0200000, O_CLOEXEC = 02000000,
};
enum { SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE };
enum { F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, FD_CLOEXEC = 1 };
enum { S_IFMT = 0170000, S_IFDIR = 0040000, S_IFCHR = 0020000, S_IFREG = 0100000, S_IFIFO = 0010000, S_IFLNK = 0120000 };

struct timespec {
    int64_t seconds;
    int64_t nanoseconds;
};

struct statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

/* struct statx (man 2 statx). */
struct statx {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, uid, gid;
    uint16_t mode, reserved;
    uint64_t inode, size, blocks, attributes_mask;
    struct statx_time access_time, birth_time, change_time, modification_time;
    uint32_t device_major, device_minor, file_system_major, file_system_minor;
    uint64_t mount_id, spare[13];
};
enum { STATX_BASIC_STATS = 0x7ff };

/* struct linux_dirent64 (man 2 getdents). */
struct directory_entry {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };
struct pollfd {
    int fd;
    short events, revents;
};

enum { SIGHUP = 1, SIGINT = 2, SIGILL = 4, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11, SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18,
       SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGWINCH = 28 };
enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };
enum { SIG_DFL, SIG_IGN };
enum { SA_SIGINFO = 4, SA_ONSTACK = 0x08000000, SA_RESTART = 0x10000000, SA_NODEFER = 0x40000000, SA_RESTORER = 0x04000000 };
enum { SS_ONSTACK = 1, SS_DISABLE = 2 };
enum { SI_USER = 0, SI_QUEUE = -1, SI_TKILL = -6, SEGV_MAPERR = 1, SEGV_ACCERR = 2, CLD_EXITED = 1, CLD_KILLED = 2 };

struct siginfo {
    int signal, error, code, padding;
    union {
        struct {
            int pid;
            unsigned uid;
            int64_t value; /* of a queued signal; the status, of a child's end */
        };
        void *address;
        char room[112];
    };
};

struct signal_stack {
    void *address;
    int flags;
    size_t size;
};

struct timeval {
    int64_t seconds, microseconds;
};
struct interval_timer {
    struct timeval interval, value;
};

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_FIXED = 0x10, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x4000, MAP_FIXED_NOREPLACE = 0x100000, MREMAP_MAYMOVE = 1, MADV_DONTNEED = 4 };

enum {
    CLONE_VM = 0x100, CLONE_FS = 0x200, CLONE_FILES = 0x400, CLONE_SIGHAND = 0x800, CLONE_VFORK = 0x4000, CLONE_THREAD = 0x10000, CLONE_SYSVSEM = 0x40000, CLONE_SETTLS = 0x80000,
    CLONE_PARENT_SETTID = 0x100000, CLONE_CHILD_CLEARTID = 0x200000, CLONE_CHILD_SETTID = 0x1000000,
};
enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE = 4, FUTEX_PRIVATE = 128 };
enum { CLOCK_REALTIME, CLOCK_MONOTONIC };
enum { WNOHANG = 1, WUNTRACED = 2, WCONTINUED = 8 };
enum { WEXITED = 4, P_PID = 1 };

enum { TCGETS = 0x5401, TCSETS = 0x5402, TCSETSW = 0x5403, TIOCSCTTY = 0x540e, TIOCGPGRP = 0x540f, TIOCSPGRP = 0x5410, TIOCGWINSZ = 0x5413, TIOCSWINSZ = 0x5414, TIOCSPTLCK = 0x40045431 };
#define TIOCGPTN 0x80045430U
enum { ICRNL = 0400, OPOST = 1, ONLCR = 4, ISIG = 1, ICANON = 2, ECHO = 010, VINTR = 0, VEOF = 4, VTIME = 5, VMIN = 6 };
struct terminal {
    uint32_t input, output, control, local;
    uint8_t line, characters[19];
};
struct window_size {
    uint16_t rows, columns, width, height;
};

enum { AT_NULL = 0, AT_PHDR = 3, AT_PAGESZ = 6, AT_ENTRY = 9, AT_UID = 11, AT_SECURE = 23, AT_RANDOM = 25, AT_EXECFN = 31 };

struct system_name {
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

/* The program's environment. */
extern char **environment;

/* A value of the auxiliary vector (getauxval(3)), or 0. */
unsigned long auxiliary(unsigned long type);

/* The value of an environment variable, or null. */
const char *get_environment(const char *name);

_Noreturn void exit_program(int status);

/* Memory and strings, with the meaning of the C standard: the compiler calls the first four by itself. */
void *memcpy(void *to, const void *from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t count);
char *strchr(const char *text, int character);
char *strstr(const char *text, const char *part);

/* Formats text; knows %s, %c, %d, %u, %x and %o, with l or ll before the last four, and %%. Never writes past the size; what does not fit is cut off. */
size_t format(char *buffer, size_t size, const char *pattern, ...) __attribute__((format(printf, 3, 4)));
size_t format_list(char *buffer, size_t size, const char *pattern, va_list values);

/* Formats a line of at most 4095 bytes and writes it with one call. */
void print_to(int fd, const char *pattern, ...) __attribute__((format(printf, 2, 3)));
#define print(...) print_to(1, __VA_ARGS__)

/* Writes everything, as long as the kernel takes it. */
bool write_all(int fd, const void *data, size_t count);

/* Frequent calls, under their POSIX names but with Linux's results. */
static inline long open(const char *path, int flags, unsigned mode) { return SYSCALL(openat, AT_FDCWD, path, flags, mode); }
static inline long close(int fd) { return SYSCALL(close, fd); }
static inline long read(int fd, void *buffer, size_t count) { return SYSCALL(read, fd, buffer, count); }
static inline long write(int fd, const void *buffer, size_t count) { return SYSCALL(write, fd, buffer, count); }
static inline long ioctl(int fd, unsigned long command, void *argument) { return SYSCALL(ioctl, fd, command, argument); }
static inline long poll(struct pollfd *files, unsigned count, const struct timespec *limit) { return SYSCALL(ppoll, files, count, limit, 0, 8); }
static inline long fork(void) { return SYSCALL(clone, SIGCHLD, 0, 0, 0, 0); }
static inline long wait_for(long pid, int *status, int options) { return SYSCALL(wait4, pid, status, options, 0); }
static inline long execute(const char *path, char *const *arguments) { return SYSCALL(execve, path, arguments, environment); }
static inline long map(size_t length, int protection) { return SYSCALL(mmap, 0, length, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static inline bool has_exited(int status) { return (status & 0x7f) == 0; }
static inline int exit_status(int status) { return status >> 8 & 0xff; }
static inline int death_signal(int status) { return status & 0x7f; }

/* A shell's status of what a child did. */
static inline int shell_status(int status) { return has_exited(status) ? exit_status(status) : 128 + death_signal(status); }

/* Finds a program as a shell does: a name with a slash as it is, others in the folders of PATH. */
bool find_program(const char *name, char *path, size_t size);

/* A handler gets the signal, its information and the context (sigaction(2)). */
typedef void (*signal_handler)(int signal, struct siginfo *info, void *context);
long set_handler(int signal, signal_handler handler, unsigned long flags);
long ignore_signal(int signal);
long default_signal(int signal);

static inline uint64_t signal_bit(int signal) { return 1ULL << (signal - 1); }

#endif
