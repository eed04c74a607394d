/* SPDX-License-Identifier: MPL-2.0 */
/* kernel: heap.fail=0 */
/*
 * Allocations of the kernel's that fail on purpose. First each operation is repeated with its first, second, third ... allocation failing until there is none left to fail: it succeeds or says that there is no
 * memory, leaves no descriptor, process, mount or file behind, and works the next time. Then several processes run all of them at once with failures at random, over several seeds, and the shell with them;
 * afterwards everything is back and works.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ALLOCATIONS = 2000, HIGH_DESCRIPTOR = 900, WORKERS = 4, SEEDS = 3, SECONDS = 5 };

struct operation {
    const char *name;
    /* 0, or -1 with errno; on a failure it undoes what it had begun, where that takes no memory. */
    int (*run)(void);
};

static char folder[64];

static void fail(const char *what)
{
    printf("%s: %s\n", what, strerror(errno));
    fflush(stdout);
    signal(SIGTERM, SIG_IGN);
    kill(-1, SIGTERM);
    exit(1);
}

/* Closes what was opened, and keeps the error of what failed. */
static int done(int result, int a, int b)
{
    int error = errno;
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
    errno = error;
    return result < 0 ? -1 : 0;
}

/* Every child here ends by itself; what failed in it is its status. */
static int wait_for(pid_t child)
{
    int status;
    pid_t result;
    if (child < 0)
        return -1;
    do
        result = waitpid(child, &status, 0);
    while (result < 0 && (errno == ENOMEM || errno == EINTR));
    if (result != child)
        fail("waitpid");
    return 0;
}

static int run_fork(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return wait_for(child);
}

static int run_vfork_exec(void)
{
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/busybox", "true", (char *)NULL);
        _exit(1);
    }
    return wait_for(child);
}

/* The failure is in execve itself, which counts in the child. */
static int run_exec(void)
{
    pid_t child = fork();
    if (child == 0) {
        char *arguments[] = { "sh", "-c", "true", NULL };
        execv("/bin/busybox", arguments);
        _exit(errno == ENOMEM ? 0 : 1);
    }
    return wait_for(child);
}

static int run_thread_body(void *data)
{
    (void)data;
    return 0;
}

static int run_thread(void)
{
    static char stack[16384] __attribute__((aligned(16)));
    pid_t child = clone(run_thread_body, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL);
    return wait_for(child);
}

static int run_create(void)
{
    int file = open("created", O_CREAT | O_RDWR, 0600);
    int result = file < 0 ? -1 : (int)write(file, "text", 4);
    result = done(result, file, -1);
    int error = errno;
    while (unlink("created") < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_directories(void)
{
    int result = mkdir("directory", 0700);
    if (result == 0)
        result = symlink("directory", "directory/link");
    if (result == 0)
        result = rename("directory", "renamed");
    int error = errno;
    while ((unlink("directory/link") < 0 || unlink("renamed/link") < 0) && errno == ENOMEM)
        ;
    while (unlink("renamed/link") < 0 && errno == ENOMEM)
        ;
    while (rmdir("renamed") < 0 && errno == ENOMEM)
        ;
    while (rmdir("directory") < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_links(void)
{
    int result = link("kept", "linked");
    if (result == 0)
        result = rename("linked", "linked2");
    int error = errno;
    while (unlink("linked") < 0 && errno == ENOMEM)
        ;
    while (unlink("linked2") < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_list(void)
{
    char buffer[1024];
    int directory = open(".", O_RDONLY | O_DIRECTORY);
    return done(directory < 0 ? -1 : (int)syscall(SYS_getdents64, directory, buffer, sizeof buffer), directory, -1);
}

static int run_pipe(void)
{
    int ends[2];
    char buffer[8];
    if (pipe(ends) < 0)
        return -1;
    int result = (int)write(ends[1], "12345678", 8);
    if (result == 8)
        result = (int)read(ends[0], buffer, sizeof buffer);
    return done(result, ends[0], ends[1]);
}

static int run_socket_pair(void)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return -1;
    char control[CMSG_SPACE(sizeof(int))] = { 0 };
    struct iovec text = { "x", 1 };
    struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
    int result = (int)sendmsg(ends[0], &message, 0);
    return done(result, ends[0], ends[1]);
}

static int run_listen(void)
{
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "socket" };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    int client = listener < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM, 0);
    int result = client < 0 ? -1 : bind(listener, (struct sockaddr *)&name, sizeof name);
    if (result == 0)
        result = listen(listener, 4);
    if (result == 0)
        result = connect(client, (struct sockaddr *)&name, sizeof name);
    int accepted = -1;
    if (result == 0)
        result = accepted = accept(listener, NULL, NULL);
    int error = errno;
    while (unlink("socket") < 0 && errno == ENOMEM)
        ;
    errno = error;
    result = done(result, accepted, -1);
    return done(result, listener, client);
}

static int run_epoll(void)
{
    struct epoll_event event = { .events = EPOLLIN };
    int events = epoll_create1(0);
    int counter = events < 0 ? -1 : eventfd(1, 0);
    int result = counter < 0 ? -1 : epoll_ctl(events, EPOLL_CTL_ADD, counter, &event);
    if (result == 0)
        result = epoll_wait(events, &event, 1, 0);
    return done(result, counter, events);
}

static int run_event_files(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    struct itimerspec soon = { .it_value = { 0, 1000000 } };
    int signals = signalfd(-1, &set, 0);
    int timer = signals < 0 ? -1 : timerfd_create(CLOCK_MONOTONIC, 0);
    int result = timer < 0 ? -1 : timerfd_settime(timer, 0, &soon, NULL);
    uint64_t expirations;
    if (result == 0)
        result = (int)read(timer, &expirations, sizeof expirations);
    return done(result, signals, timer);
}

static int run_poll(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        return -1;
    struct pollfd polled[2] = { { ends[0], POLLIN, 0 }, { ends[1], POLLIN, 0 } };
    return done(poll(polled, 2, 1), ends[0], ends[1]);
}

static int run_large_table(void)
{
    pid_t child = fork();
    if (child == 0) {
        dup2(0, HIGH_DESCRIPTOR);
        _exit(0);
    }
    if (child < 0)
        return -1;
    wait_for(child);
    return done(dup2(0, HIGH_DESCRIPTOR), HIGH_DESCRIPTOR, -1);
}

static int run_map(void)
{
    char *pages = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return -1;
    int result = mprotect(pages + 4096, 4096, PROT_READ);
    if (result == 0 && mremap(pages + 12288, 4096, 8192, MREMAP_MAYMOVE) != MAP_FAILED)
        result = 0;
    int error = errno;
    while (munmap(pages, 12288) < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_map_file(void)
{
    int file = memfd_create("memory", 0);
    int result = file < 0 ? -1 : ftruncate(file, 8192);
    void *pages = result < 0 ? MAP_FAILED : mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    result = pages == MAP_FAILED ? -1 : 0;
    if (result == 0)
        result = (int)pwrite(file, "x", 1, 4096);
    int error = errno;
    while (pages != MAP_FAILED && munmap(pages, 8192) < 0 && errno == ENOMEM)
        ;
    errno = error;
    return done(result, file, -1);
}

static int run_terminal(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    int unlock = 0;
    unsigned number;
    int result = master < 0 ? -1 : ioctl(master, 0x40045431 /* TIOCSPTLCK */, &unlock);
    if (result == 0)
        result = ioctl(master, 0x80045430 /* TIOCGPTN */, &number);
    int slave = -1;
    if (result == 0) {
        char name[32];
        snprintf(name, sizeof name, "/dev/pts/%u", number);
        result = slave = open(name, O_RDWR | O_NOCTTY);
    }
    if (result >= 0)
        result = (int)write(slave, "text\n", 5);
    return done(result, slave, master);
}

static int run_mount(void)
{
    int result = mount("none", "mounted", "tmpfs", 0, NULL);
    if (result == 0) {
        int file = open("mounted/file", O_CREAT | O_RDWR, 0600);
        if (file < 0)
            result = -1;
        else
            close(file);
    }
    int error = errno;
    while (umount("mounted") < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_locks(void)
{
    struct flock lock = { .l_type = F_WRLCK, .l_start = 10, .l_len = 10 };
    int file = open("kept", O_RDWR);
    int result = file < 0 ? -1 : fcntl(file, F_SETLK, &lock);
    if (result == 0)
        result = flock(file, LOCK_EX | LOCK_NB);
    return done(result, file, -1);
}

static void ignore(int signal)
{
    (void)signal;
}

/* A handler may find no memory for its frame's work; the kernel then ends the program, so it runs in a child. */
static int run_signals(void)
{
    pid_t child = fork();
    if (child == 0) {
        signal(SIGUSR1, ignore);
        kill(getpid(), SIGUSR1);
        sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 });
        _exit(0);
    }
    return wait_for(child);
}

static int run_posix_timer(void)
{
    timer_t timer;
    struct sigevent event = { .sigev_notify = SIGEV_NONE };
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0)
        return -1;
    struct itimerspec later = { .it_value = { 10, 0 } };
    int result = timer_settime(timer, 0, &later, NULL);
    int error = errno;
    timer_delete(timer);
    errno = error;
    return result;
}

static int run_session(void)
{
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        pid_t grandchild = fork();
        if (grandchild == 0) {
            setsid();
            _exit(0);
        }
        if (grandchild > 0)
            wait_for(grandchild);
        _exit(0);
    }
    return wait_for(child);
}

static int run_proc(void)
{
    char buffer[4096];
    int file = open("/proc/self/status", O_RDONLY);
    int maps = file < 0 ? -1 : open("/proc/self/maps", O_RDONLY);
    int result = maps < 0 ? -1 : (int)read(file, buffer, sizeof buffer);
    if (result > 0)
        result = (int)read(maps, buffer, sizeof buffer);
    return done(result, file, maps);
}

static int run_sendfile(void)
{
    int file = open("kept", O_RDONLY);
    int ends[2] = { -1, -1 };
    int result = file < 0 ? -1 : pipe(ends);
    if (result == 0)
        result = (int)sendfile(ends[1], file, NULL, 16);
    result = done(result, file, ends[0]);
    return done(result, ends[1], -1);
}

static int run_change_directory(void)
{
    int result = chdir("mounted");
    int error = errno;
    while (chdir(folder) < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_fifo(void)
{
    int result = mkfifo("fifo", 0600);
    int file = result < 0 ? -1 : open("fifo", O_RDWR);
    result = done(file, file, -1);
    int error = errno;
    while (unlink("fifo") < 0 && errno == ENOMEM)
        ;
    errno = error;
    return result;
}

static int run_credentials(void)
{
    gid_t groups[3] = { 1, 2, 3 };
    return setgroups(3, groups);
}

static const struct operation operations[] = {
    { "fork", run_fork }, { "vfork and exec", run_vfork_exec }, { "exec", run_exec }, { "thread", run_thread }, { "create", run_create }, { "directories", run_directories },
    { "links", run_links }, { "list", run_list }, { "pipe", run_pipe }, { "socket pair", run_socket_pair }, { "listen", run_listen }, { "epoll", run_epoll },
    { "event files", run_event_files }, { "poll", run_poll }, { "large table", run_large_table }, { "map", run_map }, { "map file", run_map_file }, { "terminal", run_terminal },
    { "mount", run_mount }, { "locks", run_locks }, { "signals", run_signals }, { "posix timer", run_posix_timer }, { "session", run_session }, { "proc", run_proc },
    { "sendfile", run_sendfile }, { "change directory", run_change_directory }, { "fifo", run_fifo }, { "credentials", run_credentials },
};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static int count_entries(const char *path, const char *first)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        fail(path);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += strchr(first, entry->d_name[0]) != NULL;
    closedir(directory);
    return count;
}

static int count_lines(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    int count = 0;
    for (int c; (c = getc(file)) != EOF;)
        count += c == '\n';
    fclose(file);
    return count;
}

static long read_number(const char *path, const char *name)
{
    char line[256];
    long value = -1;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail(path);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    fclose(file);
    return value;
}

static void write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY);
    if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
        fail(path);
    close(file);
}

/* What there is that an operation could leave behind. */
struct belongings {
    int descriptors, processes, mounts, files, terminals, threads;
};

/* The fourth field of loadavg counts numbers that are taken, also those that no process shows. */
static int count_threads(void)
{
    char line[128];
    int threads = -1;
    FILE *file = fopen("/proc/loadavg", "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL || sscanf(line, "%*s %*s %*s %*d/%d", &threads) != 1)
        fail("loadavg");
    fclose(file);
    return threads;
}

static struct belongings count_all(void)
{
    return (struct belongings){ count_entries("/proc/self/fd", "0123456789"), count_entries("/proc", "0123456789"), count_lines("/proc/self/mounts"),
        count_entries(".", "abcdefghijklmnopqrstuvwxyz"), count_entries("/dev/pts", "0123456789"), count_threads() };
}

static void expect_belongings(struct belongings before, const char *name, int nth)
{
    struct belongings after = count_all();
    if (memcmp(&before, &after, sizeof before) == 0)
        return;
    printf("%s, failure %d: before and after %d %d descriptors, %d %d processes, %d %d mounts, %d %d files, %d %d terminals, %d %d threads\n", name, nth, before.descriptors, after.descriptors, before.processes, after.processes,
        before.mounts, after.mounts, before.files, after.files, before.terminals, after.terminals, before.threads, after.threads);
    exit(1);
}

/* Fails one allocation after the other. Gives the number of them. */
static int walk(const struct operation *operation, int switches)
{
    char text[16];
    struct belongings before = count_all();
    for (int nth = 1; nth <= MOST_ALLOCATIONS; nth++) {
        long failed = read_number("/proc/asterion/heap_fail", "failed ");
        int length = snprintf(text, sizeof text, "%d", nth);
        if (pwrite(switches, text, (size_t)length, 0) != length)
            fail("fail-nth");
        int result = operation->run();
        int error = errno;
        /* This call may be the one that meets the failure. */
        int isReached = 1;
        while (pwrite(switches, "0", 1, 0) != 1)
            isReached = 0;
        isReached = isReached && read_number("/proc/asterion/heap_fail", "failed ") != failed;
        /* fcntl(2) has a word of its own. */
        if (result < 0 && error != ENOMEM && !(error == ENOLCK && operation->run == run_locks)) {
            printf("%s, failure %d: %s\n", operation->name, nth, strerror(error));
            exit(1);
        }
        expect_belongings(before, operation->name, nth);
        if (!isReached)
            return nth - 1;
    }
    printf("%s: no end\n", operation->name);
    exit(1);
}

static void enter_folder(int number)
{
    snprintf(folder, sizeof folder, "/tmp/fail%d", number);
    if (mkdir(folder, 0700) != 0 || chdir(folder) != 0 || mkdir("mounted", 0700) != 0)
        fail(folder);
    int file = open("kept", O_CREAT | O_WRONLY, 0600);
    if (file < 0 || write(file, "0123456789abcdef", 16) != 16)
        fail("kept");
    close(file);
}

/* The shell works as if nothing had been. */
static void check_shell(void)
{
    char text[64] = "";
    FILE *output = popen("for i in 1 2 3; do echo $i | cat; done | sort -r | tr -d '\\n'; mkdir a; cp kept a/b; cmp kept a/b && ls a; (exit 3); echo $?; rm -r a", "r");
    if (output == NULL)
        fail("popen");
    size_t length = fread(text, 1, sizeof text - 1, output);
    text[length] = 0;
    if (pclose(output) != 0 || strcmp(text, "321b\n3\n") != 0) {
        printf("the shell said: %s\n", text);
        exit(1);
    }
}

/* In a process and a folder of its own, so that one that goes wrong does not hide the others. */
static int walk_apart(const struct operation *operation, int number)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        enter_folder(number);
        int switches = open("/proc/self/fail-nth", O_RDWR);
        if (switches < 0)
            fail("fail-nth");
        printf("%s: %d\n", operation->name, walk(operation, switches));
        exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        fail("fork");
    if (WIFSIGNALED(status))
        printf("%s: killed by signal %d\n", operation->name, WTERMSIG(status));
    return status;
}

static void run_all(const char *when)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (operations[i].run() < 0) {
            printf("%s, ", when);
            fail(operations[i].name);
        }
    }
}

/* Meets failures all the time: the shell too, whose commands may all go wrong. */
static void work(int number, unsigned seed)
{
    enter_folder(number);
    int null = open("/dev/null", O_RDWR);
    if (dup2(null, 2) != 2)
        fail("/dev/null");
    write_text("/proc/self/make-it-fail", "1");
    srand(seed + (unsigned)number);
    time_t end = time(NULL) + SECONDS;
    while (time(NULL) < end) {
        unsigned choice = (unsigned)rand() % (OPERATIONS + 1);
        if (choice < OPERATIONS) {
            operations[choice].run();
            continue;
        }
        pid_t child = fork();
        if (child == 0) {
            dup2(null, 1);
            execl("/bin/busybox", "sh", "-c", "for i in 1 2 3; do ls -l /proc | sort | head -5 >f$i; cat f$i | wc; done; (sleep 0.01; echo $$) & wait; rm -f f1 f2 f3", (char *)NULL);
            _exit(1);
        }
        if (child > 0)
            wait_for(child);
    }
    exit(0);
}

static void storm(unsigned seed, int interval)
{
    char text[32];
    snprintf(text, sizeof text, "%d %u", interval, seed);
    write_text("/proc/asterion/heap_fail", text);
    pid_t workers[WORKERS];
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = fork();
        if (workers[i] == 0)
            work(100 + i, seed);
    }
    for (int i = 0; i < WORKERS; i++)
        wait_for(workers[i]);
    write_text("/proc/asterion/heap_fail", "0");
    for (int i = 0; i < WORKERS; i++) {
        char command[64];
        snprintf(command, sizeof command, "umount /tmp/fail%d/mounted 2>/dev/null; rm -r /tmp/fail%d", 100 + i, 100 + i);
        if (system(command) != 0)
            fail(command);
    }
}

int main(int count, char **arguments)
{
    unsigned seed = count > 1 ? (unsigned)atoi(arguments[1]) : (unsigned)time(NULL) % 10000;
    setvbuf(stdout, NULL, _IOLBF, 0);
    enter_folder(0);
    run_all("before");
    int failures = 0;
    for (size_t i = 0; i < OPERATIONS; i++)
        failures += walk_apart(&operations[i], 1 + (int)i) != 0;
    if (failures != 0)
        return 1;
    write_text("/proc/asterion/heap_fail", "0");
    run_all("after the walks");
    struct belongings before = count_all();
    for (unsigned i = 0; i < SEEDS; i++) {
        static const int intervals[SEEDS] = { 7, 40, 200 };
        printf("seed %u, one in %d\n", seed + i, intervals[i]);
        storm(seed + i + 1, intervals[i]);
        /* Orphans of a worker end on their own time. */
        for (int wait = 0; wait < 2000 && count_entries("/proc", "0123456789") > before.processes; wait++)
            usleep(1000);
        expect_belongings(before, "storm", (int)i);
        run_all("after the storm");
        check_shell();
    }
    if (read_number("/proc/asterion/oops", "count ") != 0) {
        printf("there was an oops\n");
        return 1;
    }
    printf("%ld allocations failed\n", read_number("/proc/asterion/heap_fail", "failed "));
    return 0;
}
