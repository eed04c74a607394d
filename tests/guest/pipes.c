/* SPDX-License-Identifier: MPL-2.0 */
/* Pipes and FIFOs: pipe(2), pipe(7), fifo(7), splice-free parts of fcntl(2). */
#include "harness.h"

#include <poll.h>
#include <sys/ioctl.h>

TEST(bytes_go_through)
{
    int p[2];
    OK(pipe(p));
    CHECK_EQ(write(p[1], "hello", 5), 5);
    char buffer[8] = {0};
    CHECK_EQ(read(p[0], buffer, 3), 3);
    CHECK_EQ(read(p[0], buffer + 3, 5), 2);
    CHECK_STR(buffer, "hello");
    CHECK_ERRNO(read(p[1], buffer, 1), EBADF);
    CHECK_ERRNO(write(p[0], "x", 1), EBADF);
    CHECK_ERRNO(lseek(p[0], 0, SEEK_SET), ESPIPE);
}

TEST(end_of_file)
{
    int p[2];
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    OK(close(p[1]));
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(read(p[0], &c, 1), 0);
    CHECK_EQ(read(p[0], &c, 1), 0);
}

TEST(non_blocking)
{
    int p[2];
    OK(pipe2(p, O_NONBLOCK | O_CLOEXEC));
    CHECK_EQ(fcntl(p[0], F_GETFD), FD_CLOEXEC);
    char c;
    CHECK_ERRNO(read(p[0], &c, 1), EAGAIN);
    static char block[4096];
    int written = 0;
    for (;;) {
        ssize_t n = write(p[1], block, sizeof block);
        if (n == -1)
            break;
        written += (int)n;
    }
    CHECK_EQ(errno, EAGAIN);
    CHECK_EQ(written, 65536);
    CHECK_EQ(fcntl(p[1], F_GETPIPE_SZ), 65536);
    int available;
    OK(ioctl(p[0], FIONREAD, &available));
    CHECK_EQ(available, 65536);
    CHECK_ERRNO(pipe2(p, 0x12345), EINVAL);
    CHECK_ERRNO(pipe((int *)8), EFAULT);
}

TEST(small_writes_are_atomic)
{
    enum { WRITERS = 8, ROUNDS = 200, SIZE = 512 };
    int p[2];
    OK(pipe(p));
    for (int i = 0; i < WRITERS; i++)
        if (OK(fork()) == 0) {
            char block[SIZE];
            memset(block, 'a' + i, SIZE);
            for (int j = 0; j < ROUNDS; j++)
                if (write(p[1], block, SIZE) != SIZE)
                    _exit(1);
            _exit(0);
        }
    OK(close(p[1]));
    char block[SIZE];
    for (int i = 0; i < WRITERS * ROUNDS; i++) {
        for (size_t have = 0; have < SIZE;)
            have += (size_t)OK(read(p[0], block + have, SIZE - have));
        for (int j = 1; j < SIZE; j++)
            CHECK_EQ(block[j], block[0]);
    }
    CHECK_EQ(read(p[0], block, 1), 0);
    for (int i = 0; i < WRITERS; i++) {
        int status;
        OK(wait(&status));
        CHECK_EQ(status, 0);
    }
}

TEST(large_transfer)
{
    int p[2];
    OK(pipe(p));
    enum { TOTAL = 4 * 1024 * 1024, CHUNK = 100000 };
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        static unsigned char block[CHUNK];
        OK(close(p[0]));
        for (int sent = 0; sent < TOTAL;) {
            int n = TOTAL - sent < CHUNK ? TOTAL - sent : CHUNK;
            for (int i = 0; i < n; i++)
                block[i] = (unsigned char)((sent + i) * 31 >> 3);
            if (write(p[1], block, (size_t)n) != n)
                _exit(1);
            sent += n;
        }
        _exit(0);
    }
    OK(close(p[1]));
    static unsigned char block[77777];
    int received = 0;
    for (;;) {
        ssize_t n = OK(read(p[0], block, sizeof block));
        if (n == 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            CHECK(block[i] == (unsigned char)((received + i) * 31 >> 3));
        received += (int)n;
    }
    CHECK_EQ(received, TOTAL);
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(status, 0);
}

TEST(fifo_rendezvous)
{
    OK(mkfifo("p", 0644));
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        int w = (int)OK(open("p", O_WRONLY));
        CHECK_EQ(write(w, "met", 3), 3);
        _exit(0);
    }
    int r = (int)OK(open("p", O_RDONLY));
    char buffer[8] = {0};
    CHECK_EQ(read(r, buffer, sizeof buffer), 3);
    CHECK_STR(buffer, "met");
    CHECK_EQ(read(r, buffer, sizeof buffer), 0);
    OK(waitpid(child, NULL, 0));
    OK(close(r));
    CHECK_ERRNO(open("p", O_WRONLY | O_NONBLOCK), ENXIO);
    r = (int)OK(open("p", O_RDONLY | O_NONBLOCK));
    CHECK_EQ(read(r, buffer, 1), 0);
    int w = (int)OK(open("p", O_WRONLY | O_NONBLOCK));
    CHECK_ERRNO(read(r, buffer, 1), EAGAIN);
    CHECK_EQ(write(w, "x", 1), 1);
    CHECK_EQ(read(r, buffer, 1), 1);
}

TEST(readiness)
{
    int p[2];
    OK(pipe(p));
    struct pollfd poll_set[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
    CHECK_EQ(poll(poll_set, 2, 0), 1);
    CHECK_EQ(poll_set[1].revents, POLLOUT);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(poll(poll_set, 2, 0), 2);
    CHECK_EQ(poll_set[0].revents, POLLIN);
    OK(close(p[1]));
    CHECK_EQ(poll(poll_set, 1, 0), 1);
    CHECK_EQ(poll_set[0].revents, POLLIN | POLLHUP);
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    CHECK_EQ(poll(poll_set, 1, 0), 1);
    CHECK_EQ(poll_set[0].revents, POLLHUP);
    OK(pipe(p));
    OK(close(p[0]));
    poll_set[0] = (struct pollfd){p[1], POLLOUT, 0};
    CHECK_EQ(poll(poll_set, 1, 0), 1);
    CHECK(poll_set[0].revents & POLLERR);
}

TEST(a_blocked_writer_wakes)
{
    int p[2];
    OK(pipe(p));
    static char block[65536];
    CHECK_EQ(write(p[1], block, sizeof block), sizeof block);
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        CHECK_EQ(write(p[1], block, sizeof block), sizeof block);
        _exit(0);
    }
    AWAIT(process_state(child) == 'S');
    for (size_t total = 0; total < 2 * sizeof block;)
        total += (size_t)OK(read(p[0], block, sizeof block));
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(status, 0);
}
