/* SPDX-License-Identifier: MPL-2.0 */
/* Waiting for several files: poll(2), select(2), epoll(7), eventfd(2), signalfd(2). */
#include "harness.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>

TEST(poll_basics)
{
    struct pollfd set[3] = {{-1, POLLIN, 9}, {99, POLLIN, 0}, {(int)OK(open("/dev/null", O_RDWR)), POLLIN | POLLOUT, 0}};
    CHECK_EQ(poll(set, 3, -1), 2);
    CHECK_EQ(set[0].revents, 0);
    CHECK_EQ(set[1].revents, POLLNVAL);
    CHECK_EQ(set[2].revents, POLLIN | POLLOUT);
    int64_t start = now_ns(CLOCK_MONOTONIC);
    CHECK_EQ(poll(NULL, 0, 30), 0);
    CHECK(now_ns(CLOCK_MONOTONIC) - start >= 30000000);
    CHECK_ERRNO(poll((struct pollfd *)8, 1, 0), EFAULT);
    struct timespec bad = {0, -1};
    CHECK_ERRNO(ppoll(NULL, 0, &bad, NULL), EINVAL);
}

TEST(poll_wakes_up)
{
    int p[2];
    OK(pipe(p));
    pid_t parent = getpid();
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        AWAIT(process_state(parent) == 'S');
        write(p[1], "x", 1);
        _exit(0);
    }
    struct pollfd set = {p[0], POLLIN, 0};
    CHECK_EQ(poll(&set, 1, -1), 1);
    CHECK_EQ(set.revents, POLLIN);
    OK(waitpid(child, NULL, 0));
}

static void nothing(int signal)
{
    (void)signal;
}

TEST(ppoll_opens_the_mask)
{
    OK(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL));
    sigset_t set, none;
    sigemptyset(&none);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    OK(raise(SIGUSR1));
    CHECK_ERRNO(ppoll(NULL, 0, NULL, &none), EINTR);
}

TEST(select_sets)
{
    int p[2];
    OK(pipe(p));
    fd_set readable, writable;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(p[0], &readable);
    FD_SET(p[1], &writable);
    struct timeval time = {5, 0};
    CHECK_EQ(select(p[1] + 1, &readable, &writable, NULL, &time), 1);
    CHECK(!FD_ISSET(p[0], &readable));
    CHECK(FD_ISSET(p[1], &writable));
    CHECK_EQ(write(p[1], "x", 1), 1);
    FD_SET(p[0], &readable);
    CHECK_EQ(select(p[1] + 1, &readable, &writable, NULL, NULL), 2);
    CHECK_ERRNO(select(-1, NULL, NULL, NULL, NULL), EINVAL);
    FD_SET(30, &readable);
    CHECK_ERRNO(select(31, &readable, NULL, NULL, NULL), EBADF);
    time = (struct timeval){0, 20000};
    CHECK_EQ(select(0, NULL, NULL, NULL, &time), 0);
    CHECK_EQ(time.tv_sec * 1000000 + time.tv_usec, 0);
    CHECK_ERRNO(select(0, NULL, NULL, NULL, &(struct timeval){-1, 0}), EINVAL);
}

TEST(epoll_control)
{
    int e = (int)OK(epoll_create1(EPOLL_CLOEXEC));
    int p[2];
    OK(pipe(p));
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77};
    OK(epoll_ctl(e, EPOLL_CTL_ADD, p[0], &event));
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_ADD, p[0], &event), EEXIST);
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_MOD, p[1], &event), ENOENT);
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_DEL, p[1], &event), ENOENT);
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_ADD, 99, &event), EBADF);
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_ADD, e, &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &event), EINVAL);
    CHECK_ERRNO(epoll_ctl(e, 99, p[0], &event), EINVAL);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(epoll_ctl(e, EPOLL_CTL_ADD, file, &event), EPERM);
    CHECK_ERRNO(epoll_create1(0x1234), EINVAL);
    CHECK_ERRNO(epoll_create(0), EINVAL);
    struct epoll_event got[4];
    CHECK_EQ(epoll_wait(e, got, 4, 0), 0);
    CHECK_ERRNO(epoll_wait(e, got, 0, 0), EINVAL);
    CHECK_EQ(write(p[1], "x", 1), 1);
    CHECK_EQ(epoll_wait(e, got, 4, -1), 1);
    CHECK_EQ(got[0].events, EPOLLIN);
    CHECK_EQ(got[0].data.u64, 77);
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    OK(epoll_ctl(e, EPOLL_CTL_DEL, p[0], NULL));
    CHECK_EQ(epoll_wait(e, got, 4, 0), 0);
}

TEST(epoll_edge_and_one_shot)
{
    int e = (int)OK(epoll_create1(0)), p[2], q[2];
    OK(pipe(p));
    OK(pipe(q));
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = p[0]};
    OK(epoll_ctl(e, EPOLL_CTL_ADD, p[0], &event));
    CHECK_EQ(write(p[1], "a", 1), 1);
    struct epoll_event got[4];
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    CHECK_EQ(epoll_wait(e, got, 4, 0), 0);
    CHECK_EQ(write(p[1], "b", 1), 1);
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    event = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data.fd = q[0]};
    OK(epoll_ctl(e, EPOLL_CTL_ADD, q[0], &event));
    CHECK_EQ(write(q[1], "x", 1), 1);
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    CHECK_EQ(epoll_wait(e, got, 4, 0), 0);
    OK(epoll_ctl(e, EPOLL_CTL_MOD, q[0], &event));
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    OK(close(q[1]));
    OK(epoll_ctl(e, EPOLL_CTL_MOD, q[0], &event));
    CHECK_EQ(epoll_wait(e, got, 4, 0), 1);
    CHECK(got[0].events & EPOLLHUP);
}

TEST(epoll_nests_but_not_in_circles)
{
    int a = (int)OK(epoll_create1(0)), b = (int)OK(epoll_create1(0)), p[2];
    OK(pipe(p));
    struct epoll_event event = {.events = EPOLLIN, .data.fd = 1};
    OK(epoll_ctl(a, EPOLL_CTL_ADD, b, &event));
    CHECK_ERRNO(epoll_ctl(b, EPOLL_CTL_ADD, a, &event), ELOOP);
    OK(epoll_ctl(b, EPOLL_CTL_ADD, p[0], &event));
    CHECK_EQ(write(p[1], "x", 1), 1);
    struct epoll_event got;
    CHECK_EQ(epoll_wait(a, &got, 1, 0), 1);
    CHECK_EQ(got.data.fd, 1);
}

TEST(epoll_forgets_closed_files)
{
    int e = (int)OK(epoll_create1(0)), p[2];
    OK(pipe(p));
    struct epoll_event event = {.events = EPOLLIN}, got;
    OK(epoll_ctl(e, EPOLL_CTL_ADD, p[0], &event));
    CHECK_EQ(write(p[1], "x", 1), 1);
    OK(close(p[0]));
    CHECK_EQ(epoll_wait(e, &got, 1, 0), 0);
}

TEST(event_counter)
{
    int fd = (int)OK(eventfd(3, EFD_NONBLOCK));
    uint64_t value;
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 3);
    CHECK_ERRNO(read(fd, &value, 8), EAGAIN);
    CHECK_ERRNO(read(fd, &value, 4), EINVAL);
    value = 5;
    CHECK_EQ(write(fd, &value, 8), 8);
    CHECK_EQ(write(fd, &value, 8), 8);
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 10);
    value = UINT64_MAX;
    CHECK_ERRNO(write(fd, &value, 8), EINVAL);
    value = UINT64_MAX - 1;
    CHECK_EQ(write(fd, &value, 8), 8);
    value = 1;
    CHECK_ERRNO(write(fd, &value, 8), EAGAIN);
    struct pollfd set = {fd, POLLIN | POLLOUT, 0};
    CHECK_EQ(poll(&set, 1, 0), 1);
    CHECK_EQ(set.revents, POLLIN);
    fd = (int)OK(eventfd(2, EFD_SEMAPHORE));
    CHECK_EQ(read(fd, &value, 8), 8);
    CHECK_EQ(value, 1);
    CHECK_ERRNO(eventfd(0, 0x1234), EINVAL);
}

TEST(signal_file)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    if (fd == -1) {
        CHECK_EQ(errno, ENOSYS);
        return;
    }
    struct signalfd_siginfo info;
    CHECK_ERRNO(read(fd, &info, sizeof info), EAGAIN);
    OK(raise(SIGUSR1));
    CHECK_EQ(read(fd, &info, sizeof info), sizeof info);
    CHECK_EQ(info.ssi_signo, SIGUSR1);
    CHECK_EQ(info.ssi_pid, getpid());
}
