/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The first process where there is no shell. Like build/rootfs/init it prepares the file systems, does one of three things and powers off:
 *   - runs the steps in /osdk/steps (a command given to "osdk run --", or tests), each framed on the serial line;
 *   - runs the program given as init's arguments (kernel command line, after "--") on the console;
 *   - gives a prompt on the console (shell.c).
 * The kernel passes unknown "name=value" words of its command line as environment (bootparam(7)): OSDK_* come from there.
 */
#include "free.h"

enum { NAMES_SIZE = 1 << 18, MAX_STEPS = 4096, RB_POWER_OFF = 0x4321fedc };
#define REBOOT_MAGIC1 0xfee1deadU
#define REBOOT_MAGIC2 672274793U
#define STEPS "/osdk/steps"

static char *program_environment[] = {"PATH=/sbin:/usr/sbin:/bin:/usr/bin", "HOME=/root", "USER=root", "LOGNAME=root", NULL};
static const char *token = "";
static int console;

static bool exists(const char *path) { return SYSCALL(faccessat, AT_FDCWD, path, 0) == 0; }

static void mount(const char *type, const char *folder, const char *options)
{
    SYSCALL(mkdirat, AT_FDCWD, folder, 0755);
    SYSCALL(mount, type, folder, type, 0, options);
}

static void mount_file_systems(void)
{
    mount("proc", "/proc", NULL);
    mount("sysfs", "/sys", NULL);
    if (!exists("/dev/ttyS0"))
        mount("devtmpfs", "/dev", NULL);
    mount("devpts", "/dev/pts", NULL);
    mount("tmpfs", "/tmp", "mode=1777");
    mount("tmpfs", "/run", "mode=755");
}

/* The terminal behind /dev/console: only the real device can become a controlling terminal (console(4)). The kernel's last "console=" before "--" names it. */
static int open_console(void)
{
    static char line[4096];
    char path[64] = "/dev/ttyS0";
    long fd = open("/proc/cmdline", O_RDONLY, 0);
    if (fd >= 0) {
        long count = read((int)fd, line, sizeof line - 1);
        line[count > 0 ? count : 0] = 0;
        close((int)fd);
    }
    for (char *word = line; *word && strncmp(word, "-- ", 3) != 0; word++) {
        if ((word == line || word[-1] == ' ') && strncmp(word, "console=", 8) == 0) {
            const char *name = word + 8;
            size_t length = 0;
            while (name[length] && !strchr(", \n", name[length]))
                length++;
            if (length < sizeof path - 5) {
                format(path, sizeof path, "/dev/");
                memcpy(path + 5, name, length);
                path[5 + length] = 0;
            }
        }
    }
    fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
    return fd >= 0 ? (int)fd : (int)open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
}

/* A frame starts with the record separator and a token that osdk made up for this boot, so that no output can look like one. */
static void begin_frame(const char *step) { print_to(console, "\036osdk:%s:begin:%s\n", token, step); }

static void end_frame(const char *step, int status) { print_to(console, "\036osdk:%s:end:%s:%d\n", token, step, status); }

/* False at the end: nobody has the other side of the pipe open. */
static bool copy_output(int from)
{
    char buffer[4096];
    long count = read(from, buffer, sizeof buffer);
    if (count > 0)
        write_all(console, buffer, (size_t)count);
    return count > 0 || count == -EINTR;
}

static void note_child(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info, (void)context;
}

static void set_mask(uint64_t mask) { SYSCALL(rt_sigprocmask, SIG_SETMASK, &mask, 0, sizeof mask); }

/* In the child: replaces it by the program, with these streams, in a session of its own. */
static _Noreturn void become(const char *program, char *const *arguments, int input, int output, bool takes_console)
{
    SYSCALL(setsid);
    if (takes_console)
        ioctl(input, TIOCSCTTY, NULL);
    SYSCALL(dup3, input, 0, 0);
    SYSCALL(dup3, output, 1, 0);
    SYSCALL(dup3, output, 2, 0);
    SYSCALL(chdir, "/root");
    set_mask(0);
    environment = program_environment;
    long error = execute(program, arguments);
    print_to(2, "init: %s: cannot be executed (error %ld)\n", program, -error);
    exit_program(error == -ENOENT ? 127 : 126);
}

/* Waits for a child, while output goes by from a pipe, and for whatever has lost its parent. SIGCHLD is let in while there is nothing else to do, so that no end is missed. */
static int wait_and_copy(long child, int from)
{
    static const uint64_t none = 0;
    struct pollfd pipe = {from, POLLIN, 0};
    for (;;) {
        long ended;
        int status;
        while ((ended = wait_for(-1, &status, WNOHANG)) > 0)
            if (ended == child)
                return status;
        pipe.revents = 0;
        SYSCALL(ppoll, &pipe, 1, 0, &none, sizeof none);
        if (pipe.revents & POLLIN)
            copy_output(from);
        else if (pipe.revents)
            pipe.fd = -1;
    }
}

/* Runs a step without a terminal, as a program in a pipeline would run: its output goes through a pipe, byte for byte. */
static void run_step(const char *name)
{
    char path[512];
    format(path, sizeof path, STEPS "/%s", name);
    int ends[2] = {-1, -1};
    long null = open("/dev/null", O_RDONLY | O_CLOEXEC, 0);
    SYSCALL(pipe2, ends, O_CLOEXEC);
    begin_frame(name);
    long child = fork();
    if (child == 0)
        become(path, (char *[]){path, NULL}, (int)null, ends[1], false);
    close(ends[1]);
    close((int)null);
    int status = wait_and_copy(child, ends[0]);
    /* What it left behind neither holds the pipe open nor disturbs the next: this reaches every process but the first. */
    SYSCALL(kill, -1, SIGKILL);
    while (copy_output(ends[0])) {
    }
    close(ends[0]);
    while (wait_for(-1, NULL, 0) > 0) {
    }
    end_frame(name, shell_status(status));
}

/* Reads the names of the steps and sorts them: osdk numbers them. */
static size_t list_steps(const char **names)
{
    static char entries[NAMES_SIZE];
    long fd = open(STEPS, O_RDONLY | O_DIRECTORY, 0);
    size_t used = 0, number = 0;
    long count;
    while ((count = SYSCALL(getdents64, fd, entries + used, sizeof entries - used)) > 0)
        used += (size_t)count;
    close((int)fd);
    for (size_t at = 0; at < used && number < MAX_STEPS;) {
        struct directory_entry *entry = (struct directory_entry *)(entries + at);
        at += entry->length;
        if (entry->name[0] == '.')
            continue;
        size_t place = number++;
        for (; place > 0 && strcmp(names[place - 1], entry->name) > 0; place--)
            names[place] = names[place - 1];
        names[place] = entry->name;
    }
    return number;
}

static void run_steps(void)
{
    static const char *names[MAX_STEPS];
    struct terminal settings, raw;
    ioctl(console, TCGETS, &settings);
    raw = settings;
    raw.output &= ~(uint32_t)OPOST;
    raw.local &= ~(uint32_t)ECHO;
    ioctl(console, TCSETS, &raw);
    size_t number = list_steps(names);
    for (size_t i = 0; i < number; i++)
        run_step(names[i]);
    /* Waits until everything has been sent (tcsetattr(3), TCSADRAIN). */
    ioctl(console, TCSETSW, &settings);
}

static void run_on_console(char **arguments)
{
    long child = fork();
    if (child == 0)
        become(arguments[0], arguments, console, console, true);
    long ended;
    do
        ended = wait_for(-1, NULL, 0);
    while (ended != child && ended > 0);
}

static uint16_t number_of(const char *text)
{
    unsigned value = 0;
    while (text && *text >= '0' && *text <= '9')
        value = value * 10 + (unsigned)(*text++ - '0');
    return (uint16_t)value;
}

int main(int count, char **arguments)
{
    set_handler(SIGCHLD, note_child, 0);
    set_mask(signal_bit(SIGCHLD));
    mount_file_systems();
    console = open_console();
    const char *name = get_environment("OSDK_TOKEN");
    token = name ? name : "";
    SYSCALL(sethostname, "asterion", 8);
    struct window_size size = {.rows = number_of(get_environment("OSDK_ROWS")), .columns = number_of(get_environment("OSDK_COLUMNS"))};
    if (size.rows != 0)
        ioctl(console, TIOCSWINSZ, &size);
    if (exists(STEPS))
        run_steps();
    else
        run_on_console(count > 1 ? arguments + 1 : (char *[]){"/bin/shell", NULL});
    SYSCALL(sync);
    SYSCALL(reboot, REBOOT_MAGIC1, REBOOT_MAGIC2, RB_POWER_OFF, 0);
    for (;;)
        poll(NULL, 0, NULL);
}
