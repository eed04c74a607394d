/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

static int master, slave;

/* A pseudo-terminal, and its slave as the controlling terminal of a session of this process's own (pty(7)). */
static void open_terminal(void)
{
    char path[32];
    int unlocked = 0;
    unsigned number;
    master = (int)OK(open("/dev/ptmx", O_RDWR | O_NOCTTY, 0));
    OK(ioctl(master, TIOCSPTLCK, &unlocked));
    OK(ioctl(master, TIOCGPTN, &number));
    format(path, sizeof path, "/dev/pts/%u", number);
    slave = (int)OK(open(path, O_RDWR | O_NOCTTY, 0));
}

static struct terminal settings(void)
{
    struct terminal terminal;
    OK(ioctl(slave, TCGETS, &terminal));
    return terminal;
}

static void type(const char *text) { CHECK_EQ(write(master, text, strlen(text)), strlen(text)); }

/* What comes out of a side, as soon as something is there. */
static const char *take(int fd)
{
    static char text[256];
    long count = OK(read(fd, text, sizeof text - 1));
    text[count] = 0;
    return text;
}

TEST(lines_are_edited_and_echoed)
{
    open_terminal();
    type("helo\177lo\n");
    CHECK_EQ(strcmp(take(slave), "hello\n"), 0);
    CHECK_EQ(strcmp(take(master), "helo\b \blo\r\n"), 0);
}

TEST(raw_input_comes_at_once)
{
    open_terminal();
    struct terminal terminal = settings();
    terminal.local &= ~(uint32_t)(ICANON | ECHO);
    terminal.characters[VMIN] = 1;
    terminal.characters[VTIME] = 0;
    OK(ioctl(slave, TCSETS, &terminal));
    type("x");
    CHECK_EQ(strcmp(take(slave), "x"), 0);
}

TEST(output_is_processed)
{
    open_terminal();
    CHECK_EQ(write(slave, "a\nb", 3), 3);
    CHECK_EQ(strcmp(take(master), "a\r\nb"), 0);
    struct terminal terminal = settings();
    terminal.output &= ~(uint32_t)OPOST;
    OK(ioctl(slave, TCSETSW, &terminal));
    CHECK_EQ(write(slave, "a\nb", 3), 3);
    CHECK_EQ(strcmp(take(master), "a\nb"), 0);
}

static volatile int interrupts, resizes;

static void note_signal(int signal, struct siginfo *info, void *context)
{
    (void)info, (void)context;
    if (signal == SIGINT)
        interrupts++;
    else
        resizes++;
}

TEST(keys_and_sizes_become_signals)
{
    CHECK_CHILD({
        open_terminal();
        OK(SYSCALL(setsid));
        OK(ioctl(slave, TIOCSCTTY, NULL));
        OK(set_handler(SIGINT, note_signal, 0));
        OK(set_handler(SIGWINCH, note_signal, 0));
        type("\003");
        AWAIT(interrupts == 1);
        struct window_size size = {50, 132, 0, 0};
        struct window_size seen;
        OK(ioctl(master, TIOCSWINSZ, &size));
        AWAIT(resizes == 1);
        OK(ioctl(slave, TIOCGWINSZ, &seen));
        CHECK_EQ(seen.rows, 50);
        CHECK_EQ(seen.columns, 132);
    });
}

TEST(foreground_and_background)
{
    CHECK_CHILD({
        open_terminal();
        OK(SYSCALL(setsid));
        OK(ioctl(slave, TIOCSCTTY, NULL));
        int group = 0;
        OK(ioctl(slave, TIOCGPGRP, &group));
        CHECK_EQ(group, SYSCALL(getpid));
        long child = OK(fork());
        if (child == 0) {
            char byte;
            OK(SYSCALL(setpgid, 0, 0));
            read(slave, &byte, 1);
            exit_program(0);
        }
        int status;
        CHECK_EQ(wait_for(child, &status, WUNTRACED), child);
        CHECK_EQ(status, SIGTTIN << 8 | 0x7f);
        OK(SYSCALL(kill, child, SIGKILL));
        CHECK_EQ(wait_for(child, &status, 0), child);
    });
}

TEST(no_terminal)
{
    struct terminal terminal;
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    CHECK_EQ(ioctl(ends[0], TCGETS, &terminal), -ENOTTY);
}

TEST(hang_up)
{
    open_terminal();
    type("rest\n");
    OK(close(master));
    char buffer[8];
    CHECK_EQ(write(slave, "x", 1), -EIO);
    CHECK_EQ(read(slave, buffer, sizeof buffer), 0);
}
