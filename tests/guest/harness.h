/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A small harness for tests that run inside the guest, on this kernel and on Linux.
 *
 * TEST(name) { ... } defines a test. Each one runs in a child process in a folder of its own, so that a crash, a changed
 * signal mask or a leaked descriptor stays in it. The first check that doesn't hold ends it. A test that takes over a minute
 * is killed. The program prints "pass NAME" or "FAIL NAME: ..." per test, then "N passed, N failed".
 */
#ifndef HARNESS_H
#define HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef void (*test_function)(void);

void harness_register(const char *name, test_function function);
_Noreturn void harness_fail(const char *file, int line, const char *what, const char *detail);
_Noreturn void harness_fail_number(const char *file, int line, const char *what, long long actual, long long expected, int error);

#define TEST(name)                                                                                                                         \
    static void name(void);                                                                                                                \
    __attribute__((constructor)) static void register_##name(void) { harness_register(#name, name); }                                      \
    static void name(void)

/* The condition holds. */
#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition))                                                                                                                  \
            harness_fail(__FILE__, __LINE__, #condition, strerror(errno));                                                                 \
    } while (0)

/* The numbers are the same. */
#define CHECK_EQ(expression, value)                                                                                                        \
    do {                                                                                                                                   \
        long long actual_ = (long long)(expression), expected_ = (long long)(value);                                                       \
        if (actual_ != expected_)                                                                                                          \
            harness_fail_number(__FILE__, __LINE__, #expression, actual_, expected_, errno);                                               \
    } while (0)

/* A system call succeeds: anything but -1. Gives its result. */
#define OK(expression)                                                                                                                     \
    ({                                                                                                                                     \
        long long result_ = (long long)(expression);                                                                                       \
        if (result_ == -1)                                                                                                                 \
            harness_fail(__FILE__, __LINE__, #expression, strerror(errno));                                                                \
        result_;                                                                                                                           \
    })

/* A system call fails with this error. */
#define CHECK_ERRNO(expression, error)                                                                                                     \
    do {                                                                                                                                   \
        errno = 0;                                                                                                                         \
        long long result_ = (long long)(expression);                                                                                       \
        int errno_ = errno;                                                                                                                \
        if (result_ != -1 || errno_ != (error))                                                                                            \
            harness_fail(__FILE__, __LINE__, #expression " fails with " #error, result_ == -1 ? strerror(errno_) : "it succeeded");        \
    } while (0)

#define CHECK_STR(expression, value)                                                                                                       \
    do {                                                                                                                                   \
        const char *actual_ = (expression);                                                                                                \
        if (strcmp(actual_, (value)) != 0)                                                                                                 \
            harness_fail(__FILE__, __LINE__, #expression " is " #value, actual_);                                                          \
    } while (0)

/* Runs a block in a child and gives its wait status; the block's end is exit(0). */
#define CHILD(...)                                                                                                                         \
    ({                                                                                                                                     \
        pid_t child_ = (pid_t)OK(fork());                                                                                                  \
        if (child_ == 0) {                                                                                                                 \
            __VA_ARGS__;                                                                                                                   \
            _exit(0);                                                                                                                      \
        }                                                                                                                                  \
        int status_;                                                                                                                       \
        CHECK_EQ(waitpid(child_, &status_, 0), child_);                                                                                    \
        status_;                                                                                                                           \
    })

/* A child ends well. */
#define CHECK_CHILD(...)                                                                                                                   \
    do {                                                                                                                                   \
        int child_status_ = CHILD(__VA_ARGS__);                                                                                            \
        if (child_status_ != 0)                                                                                                            \
            harness_fail_number(__FILE__, __LINE__, "the child's wait status", child_status_, 0, 0);                                       \
    } while (0)

/* Waits until a condition that another process or thread brings about holds; the test's time limit ends it otherwise. */
#define AWAIT(condition)                                                                                                                   \
    do {                                                                                                                                   \
        while (!(condition))                                                                                                               \
            usleep(1000);                                                                                                                  \
    } while (0)

/* The state letter of a process from /proc/PID/stat, or 0. */
char process_state(pid_t pid);

/* Nanoseconds on a clock. */
int64_t now_ns(clockid_t clock);

/* A file with this content. */
void write_file(const char *path, const char *content);

/* The content of a file, in a static buffer. */
const char *read_file(const char *path);

#endif
