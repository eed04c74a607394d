/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

TEST(bytes_in_their_order)
{
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    enum { TOTAL = 1 << 20 };
    static unsigned char block[10007];
    long child = OK(fork());
    if (child == 0) {
        close(ends[0]);
        for (unsigned sent = 0; sent < TOTAL;) {
            size_t count = TOTAL - sent < sizeof block ? TOTAL - sent : sizeof block;
            for (size_t i = 0; i < count; i++)
                block[i] = (unsigned char)((sent + i) * 7 >> 3);
            CHECK(write_all(ends[1], block, count));
            sent += (unsigned)count;
        }
        exit_program(0);
    }
    close(ends[1]);
    unsigned got = 0;
    long count;
    while ((count = OK(read(ends[0], block, sizeof block))) > 0)
        for (long i = 0; i < count; i++, got++)
            CHECK_EQ(block[i], (unsigned char)(got * 7 >> 3));
    CHECK_EQ(got, TOTAL);
    int status;
    CHECK_EQ(wait_for(child, &status, 0), child);
    CHECK_EQ(status, 0);
}

TEST(without_readers)
{
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    close(ends[0]);
    CHECK_EQ(death_signal(CHILD(write(ends[1], "x", 1))), SIGPIPE);
    OK(ignore_signal(SIGPIPE));
    CHECK_EQ(write(ends[1], "x", 1), -EPIPE);
}

TEST(nonblocking)
{
    int ends[2];
    static char block[4096];
    OK(SYSCALL(pipe2, ends, O_NONBLOCK));
    CHECK_EQ(read(ends[0], block, 1), -EAGAIN);
    long total = 0, count;
    while ((count = write(ends[1], block, sizeof block)) > 0)
        total += count;
    CHECK_EQ(count, -EAGAIN);
    CHECK_EQ(total, 16 * auxiliary(AT_PAGESZ));
}

TEST(poll_tells)
{
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    struct pollfd files[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
    struct timespec now = {0, 0};
    CHECK_EQ(poll(files, 2, &now), 1);
    CHECK_EQ(files[1].revents, POLLOUT);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(poll(files, 1, NULL), 1);
    CHECK_EQ(files[0].revents, POLLIN);
    close(ends[1]);
    CHECK_EQ(poll(files, 1, NULL), 1);
    CHECK_EQ(files[0].revents, POLLIN | POLLHUP);
}

TEST(poll_waits_for_another_process)
{
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    long child = OK(fork());
    if (child == 0) {
        sleep_milliseconds(20);
        write(ends[1], "x", 1);
        exit_program(0);
    }
    struct pollfd file = {ends[0], POLLIN, 0};
    CHECK_EQ(poll(&file, 1, NULL), 1);
    CHECK_EQ(wait_for(child, NULL, 0), child);
}

/* struct epoll_event is packed on x86-64 alone. */
struct
#if defined(__x86_64__)
    __attribute__((packed))
#endif
    event {
    uint32_t events;
    uint64_t data;
};

TEST(epoll_and_eventfd)
{
    enum { EPOLL_CTL_ADD = 1 };
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    int counter = (int)OK(SYSCALL(eventfd2, 0, O_NONBLOCK));
    int poller = (int)OK(SYSCALL(epoll_create1, O_CLOEXEC));
    OK(SYSCALL(epoll_ctl, poller, EPOLL_CTL_ADD, ends[0], (&(struct event){POLLIN, 0x1111222233334444})));
    OK(SYSCALL(epoll_ctl, poller, EPOLL_CTL_ADD, counter, (&(struct event){POLLIN, 5})));
    struct event found[4];
    CHECK_EQ(SYSCALL(epoll_pwait, poller, found, 4, 0, 0, 8), 0);
    CHECK_EQ(write(ends[1], "x", 1), 1);
    CHECK_EQ(SYSCALL(epoll_pwait, poller, found, 4, -1, 0, 8), 1);
    CHECK_EQ(found[0].events, POLLIN);
    CHECK_EQ(found[0].data, 0x1111222233334444);
    char byte;
    CHECK_EQ(read(ends[0], &byte, 1), 1);
    uint64_t value = 3;
    CHECK_EQ(write(counter, &value, sizeof value), 8);
    CHECK_EQ(SYSCALL(epoll_pwait, poller, found, 4, -1, 0, 8), 1);
    CHECK_EQ(found[0].data, 5);
}
