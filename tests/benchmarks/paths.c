// SPDX-License-Identifier: MPL-2.0
// What common paths through the kernel cost, from user space: prints "cost NAME: INSTRUCTIONS" lines. The time-stamp counter follows virtual time (QEMU's -icount shift=0), so it counts instructions,
// those of the program among them.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REPEATS = 5, CALLS = 1000, PROCESSES = 20, PAGES = 512, PAGE_SIZE = 4096 };

static const char *self;
static int pipes[2][2];

static inline uint64_t read_time_stamp(void) {
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

static void check(int is_good, const char *what) {
    if (!is_good) {
        perror(what);
        exit(1);
    }
}

static void report(const char *name, void (*path)(int), int count) {
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < REPEATS; i++) {
        uint64_t start = read_time_stamp();
        path(count);
        uint64_t took = read_time_stamp() - start;
        best = took < best ? took : best;
    }
    printf("cost %s: %llu.0\n", name, (unsigned long long)(best / (unsigned)count));
    fflush(stdout);
}

static void null_call(int count) {
    while (count-- > 0) {
        syscall(SYS_getppid);
    }
}

static void stat_file(int count) {
    struct stat status;
    while (count-- > 0) {
        check(stat("/tmp/paths", &status) == 0, "stat");
    }
}

static void open_and_close(int count) {
    while (count-- > 0) {
        int file = open("/tmp/paths", O_RDONLY);
        check(file >= 0, "open");
        close(file);
    }
}

// There and back: two switches between processes.
static void pipe_round_trip(int count) {
    char byte = 0;
    while (count-- > 0) {
        check(write(pipes[0][1], &byte, 1) == 1 && read(pipes[1][0], &byte, 1) == 1, "pipe");
    }
}

static void echo(void) {
    char byte;
    close(pipes[0][1]);
    close(pipes[1][0]);
    while (read(pipes[0][0], &byte, 1) == 1) {
        check(write(pipes[1][1], &byte, 1) == 1, "echo");
    }
    _exit(0);
}

static void page_fault(int count) {
    char *memory = mmap(NULL, (size_t)count * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(memory != MAP_FAILED, "mmap");
    for (int i = 0; i < count; i++) {
        memory[(size_t)i * PAGE_SIZE] = 1;
    }
    munmap(memory, (size_t)count * PAGE_SIZE);
}

static void wait_for(pid_t child) {
    int status;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0, "child");
}

static void fork_exit_wait(int count) {
    while (count-- > 0) {
        pid_t child = fork();
        if (child == 0) {
            _exit(0);
        }
        wait_for(child);
    }
}

static void fork_exec_wait(int count) {
    while (count-- > 0) {
        pid_t child = fork();
        if (child == 0) {
            execl(self, self, "exit", (char *)NULL);
            _exit(1);
        }
        wait_for(child);
    }
}

int main(int count, char **arguments) {
    if (count > 1 && strcmp(arguments[1], "exit") == 0) {
        return 0;
    }
    self = arguments[0];
    int file = open("/tmp/paths", O_CREAT | O_WRONLY, 0600);
    check(file >= 0, "file");
    close(file);
    report("null call", null_call, CALLS);
    report("stat", stat_file, CALLS);
    report("open and close", open_and_close, CALLS);
    check(pipe(pipes[0]) == 0 && pipe(pipes[1]) == 0, "pipe");
    pid_t echoing = fork();
    if (echoing == 0) {
        echo();
    }
    report("pipe round trip", pipe_round_trip, CALLS);
    close(pipes[0][1]);
    wait_for(echoing);
    report("page fault", page_fault, PAGES);
    report("fork, exit and wait", fork_exit_wait, PROCESSES);
    report("fork, exec and wait", fork_exec_wait, PROCESSES);
    return 0;
}
