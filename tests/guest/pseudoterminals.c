/* SPDX-License-Identifier: MPL-2.0 */
/* What pseudo-terminals add to terminals: packet mode, TIOCGPTPEER, queues (man 2 ioctl_tty, man 7 pty). */
#include "harness.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void open_pair(void)
{
    master = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
    OK(unlockpt(master));
    slave = (int)OK(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
}

static int ready(int fd, int events)
{
    struct pollfd entry = {fd, (short)events, 0};
    OK(poll(&entry, 1, 0));
    return entry.revents;
}

TEST(peer_without_a_path)
{
    open_pair();
    CHECK(isatty(slave));
    CHECK_EQ(write(slave, "x", 1), 1);
    char byte;
    CHECK_EQ(read(master, &byte, 1), 1);
    CHECK_EQ(byte, 'x');
}

TEST(packet_mode)
{
    open_pair();
    int on = 1, value = 0;
    OK(ioctl(master, TIOCPKT, &on));
    OK(ioctl(master, TIOCGPKT, &value));
    CHECK_EQ(value, 1);
    char buffer[16];
    CHECK_EQ(write(slave, "ab", 2), 2);
    CHECK_EQ(read(master, buffer, sizeof buffer), 3);
    CHECK_EQ(buffer[0], TIOCPKT_DATA);
    CHECK_EQ(memcmp(buffer + 1, "ab", 2), 0);
    OK(tcflush(slave, TCIFLUSH));
    CHECK(ready(master, POLLIN | POLLPRI) & POLLPRI);
    CHECK_EQ(read(master, buffer, sizeof buffer), 1);
    CHECK_EQ(buffer[0], TIOCPKT_FLUSHREAD);
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    termios.c_iflag &= ~(tcflag_t)IXON;
    OK(tcsetattr(slave, TCSANOW, &termios));
    CHECK_EQ(read(master, buffer, sizeof buffer), 1);
    CHECK_EQ(buffer[0] & (TIOCPKT_NOSTOP | TIOCPKT_DOSTOP), TIOCPKT_NOSTOP);
}

TEST(queues)
{
    open_pair();
    int count = -1;
    CHECK_EQ(write(master, "abc\nde", 6), 6);
    OK(ioctl(slave, FIONREAD, &count));
    CHECK_EQ(count, 4);
    OK(tcflush(slave, TCIFLUSH));
    OK(ioctl(slave, FIONREAD, &count));
    CHECK_EQ(count, 0);
    CHECK_EQ(ready(slave, POLLIN), 0);
    CHECK(ready(slave, POLLOUT) & POLLOUT);
}

TEST(full_queue_holds_the_writer)
{
    open_pair();
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    cfmakeraw(&termios);
    OK(tcsetattr(slave, TCSANOW, &termios));
    enum { TOTAL = 100000 };
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        for (int i = 0; i < TOTAL; i++) {
            char byte = (char)(i % 251);
            CHECK_EQ(write(master, &byte, 1), 1);
        }
        _exit(0);
    }
    for (int i = 0; i < TOTAL;) {
        unsigned char buffer[777];
        int count = (int)OK(read(slave, buffer, sizeof buffer));
        for (int j = 0; j < count; j++, i++)
            CHECK_EQ(buffer[j], i % 251);
    }
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(status, 0);
}

TEST(master_reads_until_the_slave_is_closed)
{
    open_pair();
    CHECK_EQ(write(slave, "last", 4), 4);
    close(slave);
    char buffer[16];
    CHECK_EQ(read(master, buffer, sizeof buffer), 4);
    CHECK(ready(master, POLLIN) & POLLHUP);
    CHECK_ERRNO(read(master, buffer, sizeof buffer), EIO);
}

TEST(window_size_through_the_master)
{
    open_pair();
    struct winsize size = {33, 77, 0, 0}, other = {0};
    OK(ioctl(master, TIOCSWINSZ, &size));
    OK(ioctl(slave, TIOCGWINSZ, &other));
    CHECK_EQ(other.ws_row, 33);
    CHECK_EQ(other.ws_col, 77);
}

TEST(minimum_with_time)
{
    open_pair();
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    cfmakeraw(&termios);
    termios.c_cc[VMIN] = 5;
    termios.c_cc[VTIME] = 1;
    OK(tcsetattr(slave, TCSANOW, &termios));
    CHECK_EQ(write(master, "ab", 2), 2);
    char buffer[16];
    int64_t start = now_ns(CLOCK_MONOTONIC);
    CHECK_EQ(read(slave, buffer, sizeof buffer), 2);
    CHECK(now_ns(CLOCK_MONOTONIC) - start >= 90000000);
    CHECK_EQ(write(master, "abcdefg", 7), 7);
    CHECK_EQ(read(slave, buffer, 3), 3);
    CHECK_EQ(read(slave, buffer, sizeof buffer), 4);
}

TEST(many_pairs)
{
    for (int round = 0; round < 3; round++) {
        int masters[40];
        for (int i = 0; i < 40; i++)
            masters[i] = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
        for (int i = 0; i < 40; i++)
            close(masters[i]);
    }
    open_pair();
    CHECK(isatty(slave));
}
