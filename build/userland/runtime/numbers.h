/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers of system calls: x86-64 has a table of its own, the other architectures share the generic one (asm-generic/unistd.h). Only calls that all of them have stand here. */
#ifndef NUMBERS_H
#define NUMBERS_H

#if defined(__x86_64__)
enum {
    NR_read = 0, NR_write = 1, NR_close = 3, NR_lseek = 8, NR_mmap = 9, NR_mprotect = 10, NR_munmap = 11, NR_brk = 12, NR_rt_sigaction = 13, NR_rt_sigprocmask = 14, NR_rt_sigreturn = 15,
    NR_ioctl = 16, NR_pread64 = 17, NR_pwrite64 = 18, NR_readv = 19, NR_writev = 20, NR_sched_yield = 24, NR_mremap = 25, NR_madvise = 28, NR_dup = 32, NR_nanosleep = 35, NR_setitimer = 38,
    NR_getpid = 39, NR_clone = 56, NR_execve = 59, NR_exit = 60, NR_wait4 = 61, NR_kill = 62, NR_uname = 63, NR_fcntl = 72, NR_ftruncate = 77, NR_getcwd = 79, NR_chdir = 80, NR_umask = 95,
    NR_setpgid = 109, NR_getppid = 110, NR_setsid = 112, NR_getpgid = 121, NR_rt_sigpending = 127, NR_rt_sigtimedwait = 128, NR_rt_sigqueueinfo = 129, NR_rt_sigsuspend = 130, NR_sigaltstack = 131,
    NR_sync = 162, NR_mount = 165, NR_reboot = 169, NR_sethostname = 170, NR_gettid = 186, NR_futex = 202, NR_getdents64 = 217, NR_set_tid_address = 218, NR_clock_gettime = 228,
    NR_exit_group = 231, NR_epoll_ctl = 233, NR_tgkill = 234, NR_waitid = 247, NR_openat = 257, NR_mkdirat = 258, NR_unlinkat = 263, NR_linkat = 265, NR_symlinkat = 266, NR_readlinkat = 267,
    NR_fchmodat = 268, NR_faccessat = 269, NR_ppoll = 271, NR_epoll_pwait = 281, NR_eventfd2 = 290, NR_epoll_create1 = 291, NR_dup3 = 292, NR_pipe2 = 293, NR_prlimit64 = 302, NR_renameat2 = 316,
    NR_getrandom = 318, NR_execveat = 322, NR_statx = 332,
};
#elif defined(__riscv) || defined(__loongarch64)
enum {
    NR_getcwd = 17, NR_eventfd2 = 19, NR_epoll_create1 = 20, NR_epoll_ctl = 21, NR_epoll_pwait = 22, NR_dup = 23, NR_dup3 = 24, NR_fcntl = 25, NR_ioctl = 29, NR_mkdirat = 34, NR_unlinkat = 35,
    NR_symlinkat = 36, NR_linkat = 37, NR_mount = 40, NR_ftruncate = 46, NR_faccessat = 48, NR_chdir = 49, NR_fchmodat = 53, NR_openat = 56, NR_close = 57, NR_pipe2 = 59, NR_getdents64 = 61,
    NR_lseek = 62, NR_read = 63, NR_write = 64, NR_readv = 65, NR_writev = 66, NR_pread64 = 67, NR_pwrite64 = 68, NR_ppoll = 73, NR_readlinkat = 78, NR_sync = 81, NR_exit = 93, NR_exit_group = 94,
    NR_waitid = 95, NR_set_tid_address = 96, NR_futex = 98, NR_nanosleep = 101, NR_setitimer = 103, NR_clock_gettime = 113, NR_sched_yield = 124, NR_kill = 129, NR_tgkill = 131,
    NR_sigaltstack = 132, NR_rt_sigsuspend = 133, NR_rt_sigaction = 134, NR_rt_sigprocmask = 135, NR_rt_sigpending = 136, NR_rt_sigtimedwait = 137, NR_rt_sigqueueinfo = 138, NR_rt_sigreturn = 139,
    NR_reboot = 142, NR_setpgid = 154, NR_getpgid = 155, NR_setsid = 157, NR_uname = 160, NR_sethostname = 161, NR_umask = 166, NR_getpid = 172, NR_getppid = 173, NR_gettid = 178, NR_brk = 214,
    NR_munmap = 215, NR_mremap = 216, NR_clone = 220, NR_execve = 221, NR_mmap = 222, NR_mprotect = 226, NR_madvise = 233, NR_wait4 = 260, NR_prlimit64 = 261, NR_renameat2 = 276,
    NR_getrandom = 278, NR_execveat = 281, NR_statx = 291,
};
#else
#error "no system call numbers for this architecture"
#endif

/* Since the tables were unified, new calls have one number everywhere. */
enum { NR_pidfd_send_signal = 424, NR_clone3 = 435, NR_pidfd_open = 434 };

#endif
