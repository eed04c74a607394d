/* SPDX-License-Identifier: MPL-2.0 */
/* Terminals: pty(7), termios(3), tty_ioctl(4), job control (setpgid(2), tcsetpgrp(3)). */
#include "harness.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void open_terminal(void)
{
    master = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
    OK(grantpt(master));
    OK(unlockpt(master));
    slave = (int)OK(open(ptsname(master), O_RDWR | O_NOCTTY));
}

static void type(const char *text)
{
    CHECK_EQ(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

/* What the terminal shows, until it is this long. */
static const char *shown(size_t length)
{
    static char text[1024];
    size_t have = 0;
    while (have < length)
        have += (size_t)OK(read(master, text + have, sizeof text - 1 - have));
    text[have] = 0;
    return text;
}

static const char *input(void)
{
    static char text[1024];
    ssize_t count = OK(read(slave, text, sizeof text - 1));
    text[count] = 0;
    return text;
}

static void change_local_flags(tcflag_t off, tcflag_t on)
{
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    termios.c_lflag = (termios.c_lflag & ~off) | on;
    OK(tcsetattr(slave, TCSANOW, &termios));
}

TEST(pair)
{
    open_terminal();
    CHECK(isatty(master) && isatty(slave));
    CHECK(strncmp(ptsname(master), "/dev/pts/", 9) == 0);
    struct stat st;
    OK(fstat(slave, &st));
    CHECK_EQ(st.st_mode & S_IFMT, S_IFCHR);
    CHECK_EQ(st.st_rdev >> 8 & 0xfff, 136);
    int locked = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
    char name[32];
    int number;
    OK(ioctl(locked, TIOCGPTN, &number));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    CHECK_ERRNO(open(name, O_RDWR | O_NOCTTY), EIO);
}

TEST(line_input_and_echo)
{
    open_terminal();
    type("hello\n");
    CHECK_STR(shown(7), "hello\r\n");
    CHECK_STR(input(), "hello\n");
    type("abc\177\177x\n");
    CHECK_STR(input(), "ax\n");
    CHECK_STR(shown(12), "abc\b \b\b \bx\r\n");
    type("junk\025good\n");
    CHECK_STR(input(), "good\n");
    type("one two\027three\n");
    CHECK_STR(input(), "one three\n");
    type("a\026\003b\n");
    CHECK_STR(input(), "a\003b\n");
}

TEST(lines_are_read_one_by_one)
{
    open_terminal();
    type("one\ntwo\nthr");
    CHECK_STR(input(), "one\n");
    char text[8] = {0};
    CHECK_EQ(read(slave, text, 2), 2);
    CHECK_STR(text, "tw");
    CHECK_STR(input(), "o\n");
    struct pollfd set = {slave, POLLIN, 0};
    CHECK_EQ(poll(&set, 1, 0), 0);
    type("ee\n");
    CHECK_EQ(poll(&set, 1, 0), 1);
    CHECK_STR(input(), "three\n");
}

TEST(end_of_file)
{
    open_terminal();
    type("ab\004");
    CHECK_STR(input(), "ab");
    type("\004");
    CHECK_STR(input(), "");
    type("more\n");
    CHECK_STR(input(), "more\n");
}

TEST(raw_input)
{
    open_terminal();
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    cfmakeraw(&termios);
    OK(tcsetattr(slave, TCSANOW, &termios));
    type("a\003\004\177\r");
    CHECK_STR(input(), "a\003\004\177\r");
    CHECK_EQ(write(slave, "x\ny", 3), 3);
    CHECK_STR(shown(3), "x\ny");
    termios.c_cc[VMIN] = 3;
    termios.c_cc[VTIME] = 0;
    OK(tcsetattr(slave, TCSANOW, &termios));
    type("ab");
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        CHECK_STR(input(), "abc");
        _exit(0);
    }
    AWAIT(process_state(child) == 'S');
    type("c");
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(status, 0);
    termios.c_cc[VMIN] = 0;
    termios.c_cc[VTIME] = 1;
    OK(tcsetattr(slave, TCSANOW, &termios));
    int64_t start = now_ns(CLOCK_MONOTONIC);
    CHECK_STR(input(), "");
    CHECK(now_ns(CLOCK_MONOTONIC) - start >= 90000000);
}

TEST(output_processing)
{
    open_terminal();
    CHECK_EQ(write(slave, "a\nb\n", 4), 4);
    CHECK_STR(shown(6), "a\r\nb\r\n");
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    termios.c_oflag &= ~(tcflag_t)OPOST;
    OK(tcsetattr(slave, TCSADRAIN, &termios));
    CHECK_EQ(write(slave, "a\nb", 3), 3);
    CHECK_STR(shown(3), "a\nb");
}

TEST(echo_of_control_characters)
{
    open_terminal();
    type("\001\n");
    CHECK_STR(shown(4), "^A\r\n");
    change_local_flags(ECHO, ECHONL);
    type("secret\n");
    CHECK_STR(shown(2), "\r\n");
}

TEST(return_becomes_newline)
{
    open_terminal();
    type("x\r");
    CHECK_STR(input(), "x\n");
}

TEST(settings)
{
    open_terminal();
    struct termios termios;
    OK(tcgetattr(slave, &termios));
    CHECK_EQ(termios.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), ICANON | ECHO | ISIG | IEXTEN);
    CHECK_EQ(termios.c_iflag & ICRNL, ICRNL);
    CHECK_EQ(termios.c_oflag & (OPOST | ONLCR), OPOST | ONLCR);
    CHECK_EQ(termios.c_cc[VINTR], 3);
    CHECK_EQ(termios.c_cc[VEOF], 4);
    CHECK_EQ(termios.c_cc[VERASE], 127);
    CHECK_EQ(termios.c_cc[VSUSP], 26);
    struct winsize size = {40, 120, 0, 0}, got;
    OK(ioctl(master, TIOCSWINSZ, &size));
    OK(ioctl(slave, TIOCGWINSZ, &got));
    CHECK(got.ws_row == 40 && got.ws_col == 120);
    type("abc\n");
    int available;
    OK(ioctl(slave, FIONREAD, &available));
    CHECK_EQ(available, 4);
    OK(tcflush(slave, TCIFLUSH));
    OK(ioctl(slave, FIONREAD, &available));
    CHECK_EQ(available, 0);
    int file = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(tcgetattr(file, &termios), ENOTTY);
    CHECK_ERRNO(ioctl(slave, 0x12345), ENOTTY);
    CHECK_ERRNO(syscall(SYS_ioctl, slave, TIOCGWINSZ, 8), EFAULT);
}

TEST(hang_up)
{
    open_terminal();
    OK(close(master));
    char c;
    CHECK_EQ(read(slave, &c, 1), 0);
    CHECK_ERRNO(write(slave, "x", 1), EIO);
    open_terminal();
    CHECK_EQ(write(slave, "x", 1), 1);
    OK(close(slave));
    CHECK_EQ(read(master, &c, 1), 1);
    CHECK_ERRNO(read(master, &c, 1), EIO);
    struct pollfd set = {master, POLLIN, 0};
    CHECK_EQ(poll(&set, 1, 0), 1);
    CHECK(set.revents & POLLHUP);
}

static void start_session(void)
{
    setsid();
    OK(ioctl(slave, TIOCSCTTY, 0));
}

TEST(controlling_terminal)
{
    open_terminal();
    CHECK_CHILD({
        CHECK_ERRNO(tcgetpgrp(slave), ENOTTY);
        /* A leader that gives its terminal up hangs up the foreground group: itself. */
        signal(SIGHUP, SIG_IGN);
        start_session();
        CHECK_EQ(tcgetpgrp(slave), getpid());
        CHECK_EQ(tcgetsid(slave), getpid());
        int tty = (int)OK(open("/dev/tty", O_RDWR));
        CHECK_EQ(write(tty, "hi", 2), 2);
        CHECK_STR(shown(2), "hi");
        CHECK_ERRNO(tcsetpgrp(slave, 999999), ESRCH);
        OK(ioctl(tty, TIOCNOTTY));
        CHECK_ERRNO(open("/dev/tty", O_RDWR), ENXIO);
    });
}

TEST(keyboard_signals)
{
    const struct { const char *key; int signal; } keys[] = {{"\003", SIGINT}, {"\034", SIGQUIT}};
    for (int i = 0; i < 2; i++) {
        open_terminal();
        int p[2];
        OK(pipe(p));
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            OK(close(master));
            start_session();
            write(p[1], "r", 1);
            for (;;)
                pause();
        }
        char c;
        CHECK_EQ(read(p[0], &c, 1), 1);
        type(keys[i].key);
        int status;
        OK(waitpid(child, &status, 0));
        CHECK_EQ(WTERMSIG(status), keys[i].signal);
        OK(close(master));
        OK(close(slave));
    }
}

TEST(background_access)
{
    open_terminal();
    CHECK_CHILD({
        signal(SIGHUP, SIG_IGN);
        start_session();
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            setpgid(0, 0);
            char c;
            CHECK_EQ(read(slave, &c, 1), 1);
            _exit(0);
        }
        setpgid(child, child);
        int status;
        CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
        CHECK(WIFSTOPPED(status));
        CHECK_EQ(WSTOPSIG(status), SIGTTIN);
        OK(tcsetpgrp(slave, child));
        OK(kill(-child, SIGCONT));
        type("x\n");
        CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
        CHECK_EQ(status, 0);
    });
}

TEST(background_output)
{
    open_terminal();
    CHECK_CHILD({
        signal(SIGHUP, SIG_IGN);
        start_session();
        change_local_flags(0, TOSTOP);
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            setpgid(0, 0);
            write(slave, "x", 1);
            _exit(0);
        }
        setpgid(child, child);
        int status;
        CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
        CHECK(WIFSTOPPED(status));
        CHECK_EQ(WSTOPSIG(status), SIGTTOU);
        OK(kill(child, SIGKILL));
        OK(waitpid(child, &status, 0));
    });
}

TEST(suspend_key)
{
    open_terminal();
    int p[2];
    OK(pipe(p));
    pid_t session = (pid_t)OK(fork());
    if (session == 0) {
        start_session();
        signal(SIGTTOU, SIG_IGN);
        pid_t job = (pid_t)OK(fork());
        if (job == 0) {
            setpgid(0, 0);
            tcsetpgrp(slave, getpid());
            write(p[1], "r", 1);
            for (;;)
                pause();
        }
        int status;
        CHECK_EQ(waitpid(job, &status, WUNTRACED), job);
        CHECK(WIFSTOPPED(status));
        CHECK_EQ(WSTOPSIG(status), SIGTSTP);
        OK(kill(-job, SIGCONT));
        OK(kill(-job, SIGTERM));
        CHECK_EQ(waitpid(job, &status, 0), job);
        _exit(0);
    }
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    type("\032");
    int status;
    OK(waitpid(session, &status, 0));
    CHECK_EQ(status, 0);
}

TEST(leader_exit_hangs_up)
{
    open_terminal();
    int p[2];
    OK(pipe(p));
    pid_t leader = (pid_t)OK(fork());
    if (leader == 0) {
        start_session();
        if (fork() == 0) {
            OK(close(p[0]));
            for (;;)
                pause();
        }
        _exit(0);
    }
    OK(close(p[1]));
    OK(waitpid(leader, NULL, 0));
    /* The member of the foreground group dies of SIGHUP, and its end of the pipe goes with it. */
    char c;
    CHECK_EQ(read(p[0], &c, 1), 0);
}
