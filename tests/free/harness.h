/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The harness of tests/guest for programs without a C library: the same output, the same rules. TEST(name) { ... } runs in a child process in a folder of its own for at most a minute; the first check
 * that doesn't hold ends it. Calls are Linux's own: a failure is a negative error number.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include "free.h"

typedef void (*test_function)(void);

void harness_register(const char *name, test_function function);
_Noreturn void harness_fail(const char *file, int line, const char *what);
_Noreturn void harness_fail_number(const char *file, int line, const char *what, long long actual, long long expected);

/* Runs the program's tests, or those of them that have the first argument in their names. The program's status. */
int harness_main(int count, char **arguments);

/* One of them. It prints what failed, and takes away all that the test has left behind. */
int harness_count(void);
bool harness_run(int index);

#define TEST(name)                                                                                                                         \
    static void name(void);                                                                                                                \
    __attribute__((constructor)) static void register_##name(void) { harness_register(#name, name); }                                      \
    static void name(void)

/* The condition holds. */
#define CHECK(condition)                                                                                                                   \
    do {                                                                                                                                   \
        if (!(condition))                                                                                                                  \
            harness_fail(__FILE__, __LINE__, #condition);                                                                                  \
    } while (0)

/* The numbers are the same; a call's failure is its negative error number. */
#define CHECK_EQ(expression, value)                                                                                                        \
    do {                                                                                                                                   \
        long long actual_ = (long long)(expression), expected_ = (long long)(value);                                                       \
        if (actual_ != expected_)                                                                                                          \
            harness_fail_number(__FILE__, __LINE__, #expression, actual_, expected_);                                                      \
    } while (0)

/* A call succeeds. Gives its result. Addresses are no errors: those are the last 4095 numbers (syscall(2)). */
#define OK(expression)                                                                                                                     \
    ({                                                                                                                                     \
        long result_ = (long)(expression);                                                                                                 \
        if ((unsigned long)result_ > -4096UL)                                                                                              \
            harness_fail_number(__FILE__, __LINE__, #expression, result_, 0);                                                              \
        result_;                                                                                                                           \
    })

/* Runs a block in a child and gives its wait status; the block's end is exit(0). */
#define CHILD(...)                                                                                                                         \
    ({                                                                                                                                     \
        long child_ = OK(fork());                                                                                                          \
        if (child_ == 0) {                                                                                                                 \
            __VA_ARGS__;                                                                                                                   \
            exit_program(0);                                                                                                               \
        }                                                                                                                                  \
        int status_;                                                                                                                       \
        CHECK_EQ(wait_for(child_, &status_, 0), child_);                                                                                   \
        status_;                                                                                                                           \
    })

/* A child ends well. */
#define CHECK_CHILD(...) CHECK_EQ(CHILD(__VA_ARGS__), 0)

/* Waits until a condition that another process or thread brings about holds; the test's time limit ends it otherwise. */
#define AWAIT(condition)                                                                                                                   \
    do {                                                                                                                                   \
        while (!(condition))                                                                                                               \
            sleep_milliseconds(1);                                                                                                         \
    } while (0)

void sleep_milliseconds(long count);

int64_t now_ns(int clock);

/* A file with this content. */
void write_file(const char *path, const char *content);

/* The content of a file, in a static buffer. */
const char *read_file(const char *path);

/* The state letter of a process from /proc/PID/stat, or 0. */
char process_state(long pid);

#endif
