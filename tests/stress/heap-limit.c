/* SPDX-License-Identifier: MPL-2.0 */
/* kernel: heap.limit=24M */
/*
 * 200 rounds (or as many as the argument says) of a program that creates files and forks without end, on a kernel whose heap is full but for a little: the calls fail with ENOMEM (or EAGAIN for fork), and when
 * the program has ended, others run as before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 200, ROOM = 6, TABLE_SIZE = 1 << 15, MOST_BALLAST = 128, MOST_FILES = 1000000, MOST_CHILDREN = 20000 };

/* Nothing of the test stays behind. */
static void fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    fflush(stdout);
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    exit(1);
}

/* Processes with large tables of descriptors fill the heap, until one finds no room. Those that were killed last are the room that the rounds have. */
static int fill(pid_t children[])
{
    int error = 0;
    int count = 0;
    for (; count < MOST_BALLAST && error == 0; count++) {
        int ends[2];
        if (pipe(ends) != 0) {
            error = errno;
            break;
        }
        children[count] = fork();
        if (children[count] == 0) {
            error = dup2(0, TABLE_SIZE - 1) < 0 ? errno : 0;
            if (write(ends[1], &error, sizeof error) != sizeof error)
                fail("write");
            for (;;)
                pause();
        }
        if (children[count] < 0) {
            error = errno;
            break;
        }
        close(ends[1]);
        if (read(ends[0], &error, sizeof error) != sizeof error)
            fail("a child of the ballast died");
        close(ends[0]);
    }
    errno = error;
    if (error != ENOMEM)
        fail("filling the heap");
    return count;
}

static int create_files(void)
{
    char name[32];
    int count = 0;
    int first = -1;
    for (;; count++) {
        snprintf(name, sizeof name, "f%d", count);
        int descriptor = open(name, O_CREAT | O_RDWR, 0600);
        if (descriptor < 0)
            break;
        first = first < 0 ? descriptor : first;
    }
    if (errno != ENOMEM)
        fail("open");
    for (int i = 0; i <= count; i++) {
        snprintf(name, sizeof name, "f%d", i);
        unlink(name);
        close(i + first);
    }
    return count;
}

static int fork_children(void)
{
    int count = 0;
    for (; count < MOST_CHILDREN; count++) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            break;
    }
    if (errno != ENOMEM && errno != EAGAIN)
        fail("fork");
    return count;
}

static void hog(int result)
{
    setpgid(0, 0);
    int counts[2] = { create_files(), fork_children() };
    if (write(result, counts, sizeof counts) != sizeof counts)
        fail("write");
    for (;;)
        pause();
}

static void expect_status(pid_t child, int expected)
{
    int status;
    if (waitpid(child, &status, 0) != child)
        fail("waitpid");
    if (status != expected) {
        printf("status %x and not %x\n", status, expected);
        exit(1);
    }
}

static void end(pid_t child)
{
    kill(child, SIGKILL);
    expect_status(child, SIGKILL);
}

int main(int count, char **arguments)
{
    const int rounds = count > 1 ? atoi(arguments[1]) : ROUNDS;
    const struct rlimit many = { MOST_FILES, MOST_FILES };
    pid_t ballast[MOST_BALLAST];
    if (setrlimit(RLIMIT_NOFILE, &many) != 0 || mkdir("/tmp/hog", 0700) != 0 || chdir("/tmp/hog") != 0)
        fail("preparation");
    setvbuf(stdout, NULL, _IOLBF, 0);
    int held = fill(ballast);
    for (int i = 0; i < ROOM; i++)
        end(ballast[--held]);
    printf("%d tables fill the heap\n", held);
    long files = 0;
    long children = 0;
    for (int round = 0; round < rounds; round++) {
        int counts[2];
        int ends[2];
        if (pipe(ends) != 0)
            fail("pipe");
        pid_t child = fork();
        if (child == 0)
            hog(ends[1]);
        if (child < 0)
            fail("the hog's fork");
        close(ends[1]);
        if (read(ends[0], counts, sizeof counts) != sizeof counts)
            fail("the hog died");
        close(ends[0]);
        if (kill(-child, SIGKILL) != 0)
            fail("kill");
        expect_status(child, SIGKILL);
        /* Its children are init's now, and end on their own time. */
        while (kill(-child, 0) == 0)
            usleep(1000);
        if (round % 50 == 0)
            printf("round %d: %d files, %d processes\n", round, counts[0], counts[1]);
        files += counts[0];
        children += counts[1];
        if (counts[0] < 100 || counts[1] < 3) {
            printf("round %d: only %d files and %d processes\n", round, counts[0], counts[1]);
            return 1;
        }
        child = fork();
        if (child == 0) {
            execl("/bin/busybox", "true", NULL);
            _exit(99);
        }
        expect_status(child, 0);
    }
    while (held > 0)
        end(ballast[--held]);
    printf("in %d rounds %ld files and %ld processes until there was no room\n", rounds, files, children);
    return 0;
}
