// SPDX-License-Identifier: MPL-2.0
// A load that makes the kernel's heap large and then keeps it busy: "pauses FILES ROUNDS" makes so many files in the current folder, then does rounds of what programs do with
// files, processes and pipes, while the files stay. What the collector did meanwhile is in /proc/asterion/gc, which is printed before ("before:") and after ("after:") the rounds.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FILES_PER_DIRECTORY = 1000 };

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "pauses: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void make_files(long count) {
    char name[64];
    for (long i = 0; i < count; i++) {
        if (i % FILES_PER_DIRECTORY == 0) {
            snprintf(name, sizeof name, "d%ld", i / FILES_PER_DIRECTORY);
            if (mkdir(name, 0755) != 0)
                fail(name);
        }
        snprintf(name, sizeof name, "d%ld/file-%ld", i / FILES_PER_DIRECTORY, i);
        int file = open(name, O_CREAT | O_EXCL | O_WRONLY, 0644);
        if (file < 0)
            fail(name);
        close(file);
    }
}

static void use_files(long round, long count) {
    char name[64], renamed[64], bytes[2000];
    struct stat status;
    memset(bytes, 'x', sizeof bytes);
    for (long i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "t%ld-%ld", round, i);
        snprintf(renamed, sizeof renamed, "r%ld-%ld", round, i);
        int file = open(name, O_CREAT | O_RDWR, 0644);
        if (file < 0 || write(file, bytes, sizeof bytes) != sizeof bytes || pread(file, bytes, sizeof bytes, 0) != sizeof bytes)
            fail(name);
        close(file);
        if (rename(name, renamed) != 0 || unlink(renamed) != 0)
            fail(renamed);
        long old = (round * 7919 + i * 104729) % count;
        snprintf(name, sizeof name, "d%ld/file-%ld", old / FILES_PER_DIRECTORY, old);
        if (stat(name, &status) != 0)
            fail(name);
    }
}

static void use_processes(void) {
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0) {
        execl("/bin/busybox", "true", (char *)NULL);
        _exit(127);
    }
    int status;
    if (waitpid(child, &status, 0) != child || status != 0)
        fail("true");
}

static void use_pipes(void) {
    char bytes[3000];
    memset(bytes, 'p', sizeof bytes);
    for (int i = 0; i < 5; i++) {
        int ends[2];
        if (pipe(ends) != 0 || write(ends[1], bytes, sizeof bytes) != sizeof bytes || read(ends[0], bytes, sizeof bytes) != sizeof bytes)
            fail("pipe");
        close(ends[0]);
        close(ends[1]);
    }
}

static void print_collector(const char *when) {
    char bytes[8192];
    int file = open("/proc/asterion/gc", O_RDONLY);
    if (file < 0)
        fail("/proc/asterion/gc");
    printf("%s:\n", when);
    fflush(stdout);
    for (ssize_t count; (count = read(file, bytes, sizeof bytes)) > 0;) {
        if (write(1, bytes, (size_t)count) != count)
            fail("write");
    }
    close(file);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: pauses FILES ROUNDS\n");
        return 2;
    }
    long count = atol(argv[1]), rounds = atol(argv[2]);
    make_files(count);
    print_collector("before");
    for (long round = 0; round < rounds; round++) {
        use_files(round, count);
        use_pipes();
        use_processes();
    }
    print_collector("after");
    return 0;
}
