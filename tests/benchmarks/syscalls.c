// SPDX-License-Identifier: MPL-2.0
// What a system call costs, from user space: prints "cost NAME: INSTRUCTIONS" lines as the in-kernel benchmarks do. Where the time-stamp counter follows
// virtual time (QEMU's -icount shift=0), it counts instructions.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { COUNT = 1000, REPEATS = 7 };

static inline uint64_t read_time_stamp(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// Inline, so that nothing but the instruction itself and its arguments is measured.
static inline long call(long number, long first, long second, long third) {
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second), "d"(third) : "rcx", "r11", "memory");
    return result;
}

static uint64_t best_of(long number, long first, long second, long third) {
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < REPEATS; i++) {
        uint64_t start = read_time_stamp();
        for (int j = 0; j < COUNT; j++) {
            call(number, first, second, third);
        }
        uint64_t took = read_time_stamp() - start;
        best = took < best ? took : best;
    }
    return best;
}

static uint64_t empty_loop(void) {
    uint64_t start = read_time_stamp();
    for (int j = 0; j < COUNT; j++) {
        __asm__ volatile("" ::: "memory");
    }
    return read_time_stamp() - start;
}

static void report(const char *name, long number, long first, long second, long third) {
    uint64_t tenths = (best_of(number, first, second, third) - empty_loop()) * 10 / COUNT;
    printf("cost %s: %llu.%llu\n", name, (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
}

int main(void) {
    static char byte;
    int zero = open("/dev/zero", O_RDONLY);
    int null = open("/dev/null", O_WRONLY);
    if (zero < 0 || null < 0) {
        perror("open");
        return 1;
    }
    report("system call without a handler (ENOSYS)", 1000, 0, 0, 0);
    report("getpid", SYS_getpid, 0, 0, 0);
    report("read of 1 byte from /dev/zero", SYS_read, zero, (long)&byte, 1);
    report("write of 1 byte to /dev/null", SYS_write, null, (long)&byte, 1);
    return 0;
}
