// SPDX-License-Identifier: MPL-2.0
// Everything that a kernel does for programs, at once: usage is "load SEED SECONDS WORKERS". Every worker process does files, forks, execs, pipes, threads, memory,
// signals, timers and sockets in an order that its seed determines, and checks each result. Leaves with 0 when all was right and memory is back at the end.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dice.h"

enum { SLACK_KB = 6 * 1024, WARM_UP_ROUNDS = 60 };

static const char *program;
static char place[64];

static _Noreturn void fail(int line, const char *what) {
    fprintf(stderr, "torture: load.c:%d: pid %d: %s (%s)\n", line, (int)getpid(), what, strerror(errno));
    _exit(1);
}

#define CHECK(condition)                                                                                                                       \
    do {                                                                                                                                       \
        if (!(condition))                                                                                                                      \
            fail(__LINE__, #condition);                                                                                                        \
    } while (0)

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fill(unsigned char *bytes, size_t count, uint64_t seed) {
    for (size_t i = 0; i < count; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (unsigned char)(seed >> 56);
    }
}

static bool is_filled(const unsigned char *bytes, size_t count, uint64_t seed) {
    for (size_t i = 0; i < count; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        if (bytes[i] != (unsigned char)(seed >> 56))
            return false;
    }
    return true;
}

static void wait_for(pid_t child, int expected) {
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

static void do_files(void) {
    char name[96], renamed[96];
    static unsigned char bytes[40000];
    unsigned number = below(1000000);
    snprintf(name, sizeof name, "%s/f%u", place, number);
    snprintf(renamed, sizeof renamed, "%s/d%u/g", place, number);
    size_t size = 1 + below(sizeof bytes);
    uint64_t seed = next_random();
    fill(bytes, size, seed);
    int file = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);
    CHECK(file >= 0);
    for (size_t done = 0; done < size;) {
        size_t part = 1 + below(9000);
        ssize_t count = write(file, bytes + done, part < size - done ? part : size - done);
        CHECK(count > 0);
        done += (size_t)count;
    }
    char directory[96];
    snprintf(directory, sizeof directory, "%s/d%u", place, number);
    CHECK(mkdir(directory, 0700) == 0);
    CHECK(rename(name, renamed) == 0);
    struct stat status;
    CHECK(stat(renamed, &status) == 0 && status.st_size == (off_t)size);
    if (below(2)) {
        unsigned char *mapped = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);
        CHECK(mapped != MAP_FAILED);
        CHECK(is_filled(mapped, size, seed));
        CHECK(munmap(mapped, size) == 0);
    } else {
        memset(bytes, 0, size);
        CHECK(pread(file, bytes, size, 0) == (ssize_t)size);
        CHECK(is_filled(bytes, size, seed));
    }
    CHECK(unlink(renamed) == 0);
    CHECK(rmdir(directory) == 0);
    CHECK(fstat(file, &status) == 0 && status.st_nlink == 0);
    CHECK(close(file) == 0);
}

static void do_fork(void) {
    int code = (int)below(200);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (below(2)) {
            pid_t grandchild = fork();
            CHECK(grandchild >= 0);
            if (grandchild == 0)
                _exit(code / 2);
            wait_for(grandchild, code / 2);
        }
        _exit(code);
    }
    wait_for(child, code);
}

static void do_exec(void) {
    int ends[2];
    char text[32], answer[32] = "";
    CHECK(pipe(ends) == 0);
    snprintf(text, sizeof text, "%016" PRIx64, next_random());
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(dup2(ends[1], 1) == 1);
        execl(program, program, "echo", text, (char *)NULL);
        fail(__LINE__, "execl");
    }
    CHECK(close(ends[1]) == 0);
    size_t length = 0;
    ssize_t count;
    while ((count = read(ends[0], answer + length, sizeof answer - 1 - length)) > 0)
        length += (size_t)count;
    CHECK(count == 0);
    CHECK(strcmp(answer, text) == 0);
    CHECK(close(ends[0]) == 0);
    wait_for(child, 0);
}

static void do_pipe(void) {
    static unsigned char bytes[100000], seen[100000];
    int ends[2];
    CHECK(pipe(ends) == 0);
    size_t size = 1 + below(sizeof bytes);
    uint64_t seed = next_random();
    fill(bytes, size, seed);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(close(ends[0]) == 0);
        for (size_t done = 0; done < size;) {
            ssize_t count = write(ends[1], bytes + done, size - done < 7000 ? size - done : 7000);
            CHECK(count > 0);
            done += (size_t)count;
        }
        _exit(0);
    }
    CHECK(close(ends[1]) == 0);
    size_t length = 0;
    ssize_t count;
    while ((count = read(ends[0], seen + length, 1 + below(9000))) > 0) {
        length += (size_t)count;
        CHECK(length <= size);
        if (length > sizeof seen - 9000)
            break;
    }
    while (count > 0 && (count = read(ends[0], seen + length, sizeof seen - length)) > 0)
        length += (size_t)count;
    CHECK(length == size && is_filled(seen, size, seed));
    CHECK(close(ends[0]) == 0);
    wait_for(child, 0);
}

struct team {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int turn, size;
    long counter;
};

static void *work(void *argument) {
    struct team *team = argument;
    for (int i = 0; i < 20; i++) {
        pthread_mutex_lock(&team->lock);
        team->counter++;
        team->turn = (team->turn + 1) % team->size;
        pthread_cond_broadcast(&team->changed);
        if (i == 10) {
            int turn = team->turn;
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_nsec += 2000000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
            while (team->turn == turn && pthread_cond_timedwait(&team->changed, &team->lock, &until) == 0)
                ;
        }
        pthread_mutex_unlock(&team->lock);
    }
    return argument;
}

static void do_threads(void) {
    struct team team = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .size = 2 + (int)below(4)};
    pthread_t threads[6];
    for (int i = 0; i < team.size; i++)
        CHECK(pthread_create(&threads[i], NULL, work, &team) == 0);
    for (int i = 0; i < team.size; i++) {
        void *result;
        CHECK(pthread_join(threads[i], &result) == 0 && result == &team);
    }
    CHECK(team.counter == 20L * team.size);
}

static void do_memory(void) {
    size_t size = (1 + below(60)) * 4096;
    unsigned char *private = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(private != MAP_FAILED && shared != MAP_FAILED);
    uint64_t seed = next_random();
    fill(private, size, seed);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        CHECK(is_filled(private, size, seed));
        fill(private, size, seed + 1);
        memcpy(shared, private, size);
        _exit(0);
    }
    wait_for(child, 0);
    CHECK(is_filled(private, size, seed));
    CHECK(is_filled(shared, size, seed + 1));
    CHECK(mprotect(private, 4096, PROT_NONE) == 0);
    CHECK(mprotect(private, 4096, PROT_READ) == 0);
    CHECK(is_filled(private, size, seed));
    CHECK(munmap(private, size) == 0 && munmap(shared, size) == 0);
}

static volatile sig_atomic_t signal_count;

static void count_signal(int number) {
    (void)number;
    signal_count++;
}

static void do_signals(void) {
    struct sigaction action = {.sa_handler = count_signal};
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGALRM, &action, NULL) == 0);
    signal_count = 0;
    int rounds = 1 + (int)below(10);
    for (int i = 0; i < rounds; i++)
        CHECK(kill(getpid(), SIGUSR1) == 0);
    CHECK(signal_count == rounds);
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGALRM);
    CHECK(sigprocmask(SIG_BLOCK, &blocked, &old) == 0);
    timer_t timer;
    CHECK(timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0);
    struct itimerspec soon = {.it_value.tv_nsec = 1 + (long)below(2000000)};
    CHECK(timer_settime(timer, 0, &soon, NULL) == 0);
    int number;
    CHECK(sigwait(&blocked, &number) == 0 && number == SIGALRM);
    CHECK(timer_delete(timer) == 0);
    CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        for (;;)
            pause();
    }
    CHECK(kill(child, SIGKILL) == 0);
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void do_sockets(void) {
    int pair[2], ends[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(ends) == 0);
    uint64_t number = next_random(), seen = 0;
    // A pipe's reading end goes through the socket; what is read from it must be what was written.
    CHECK(write(ends[1], &number, sizeof number) == sizeof number);
    char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 'x';
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
    CHECK(sendmsg(pair[0], &message, 0) == 1);
    CHECK(close(ends[0]) == 0);
    if (below(3) != 0) {
        memset(control, 0, sizeof control);
        CHECK(recvmsg(pair[1], &message, 0) == 1);
        int received;
        memcpy(&received, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof received);
        CHECK(read(received, &seen, sizeof seen) == sizeof seen && seen == number);
        CHECK(close(received) == 0);
    }
    // Else the descriptor dies inside the socket.
    CHECK(close(ends[1]) == 0 && close(pair[0]) == 0 && close(pair[1]) == 0);
}

static void do_events(void) {
    int poller = epoll_create1(0), event = eventfd(0, EFD_NONBLOCK), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK(poller >= 0 && event >= 0 && timer >= 0);
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = event};
    CHECK(epoll_ctl(poller, EPOLL_CTL_ADD, event, &interest) == 0);
    interest.data.fd = timer;
    CHECK(epoll_ctl(poller, EPOLL_CTL_ADD, timer, &interest) == 0);
    struct itimerspec soon = {.it_value.tv_nsec = 1 + (long)below(1000000)};
    uint64_t one = 1, seen;
    CHECK(timerfd_settime(timer, 0, &soon, NULL) == 0);
    CHECK(write(event, &one, sizeof one) == sizeof one);
    for (int rest = 3; rest != 0;) {
        struct epoll_event happened;
        CHECK(epoll_wait(poller, &happened, 1, -1) == 1);
        CHECK(read(happened.data.fd, &seen, sizeof seen) == sizeof seen && seen == 1);
        rest &= happened.data.fd == event ? 2 : 1;
    }
    CHECK(close(poller) == 0 && close(event) == 0 && close(timer) == 0);
}

static void (*const actions[])(void) = {do_files, do_fork, do_exec, do_pipe, do_threads, do_memory, do_signals, do_sockets, do_events, do_files, do_exec};

static void run_worker(uint64_t seed, int64_t deadline_ns, long round_limit) {
    seed_random(seed);
    snprintf(place, sizeof place, "w%d", (int)getpid());
    CHECK(mkdir(place, 0700) == 0);
    long rounds = 0;
    for (; rounds < round_limit && now_ns() < deadline_ns; rounds++)
        actions[below(sizeof actions / sizeof *actions)]();
    CHECK(rmdir(place) == 0);
    printf("torture: worker %" PRIu64 ": %ld rounds\n", seed, rounds);
    fflush(stdout);
    _exit(0);
}

static bool run_workers(uint64_t seed, int64_t deadline_ns, long round_limit, int workers) {
    fflush(stdout);
    for (int i = 0; i < workers; i++) {
        pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0)
            run_worker(seed * 1000003 + (uint64_t)i, deadline_ns, round_limit);
    }
    bool is_well = true;
    for (int i = 0; i < workers; i++) {
        int status;
        CHECK(wait(&status) > 0);
        is_well = is_well && status == 0;
    }
    return is_well;
}

// Memory in use, in kB, after the kernel has collected its garbage.
static long used_kb(void) {
    for (int i = 0; i < 3; i++) {
        int collector = open("/proc/asterion/gc", O_WRONLY);
        if (collector >= 0) {
            CHECK(write(collector, "collect", 7) == 7);
            CHECK(close(collector) == 0);
        }
        usleep(20000);
    }
    FILE *info = fopen("/proc/meminfo", "r");
    CHECK(info != NULL);
    char line[128];
    long value, total = 0, rest = 0;
    while (fgets(line, sizeof line, info) != NULL) {
        if (sscanf(line, "MemTotal: %ld", &value) == 1)
            total = value;
        else if (sscanf(line, "MemFree: %ld", &value) == 1 || sscanf(line, "Cached: %ld", &value) == 1)
            rest += value;
    }
    fclose(info);
    return total - rest;
}

// The heap that there is before the first page is: an image that fills it does not boot. Only Asterion tells.
static bool has_boot_heap_room(void) {
    FILE *figures = fopen("/proc/asterion/gc", "r");
    if (figures == NULL)
        return true;
    char line[128];
    long value, size = 0, used = 0;
    while (fgets(line, sizeof line, figures) != NULL) {
        if (sscanf(line, "boot_heap_bytes %ld", &value) == 1)
            size = value;
        else if (sscanf(line, "boot_heap_used_bytes %ld", &value) == 1)
            used = value;
    }
    fclose(figures);
    printf("torture: %ld of %ld bytes of the boot heap were used when pages came\n", used, size);
    return used > 0 && used <= size / 4 * 3;
}

int main(int argc, char **argv) {
    program = argv[0];
    if (argc == 3 && strcmp(argv[1], "echo") == 0) {
        printf("%s", argv[2]);
        return 0;
    }
    if (argc != 4) {
        fprintf(stderr, "usage: load SEED SECONDS WORKERS\n");
        return 2;
    }
    uint64_t seed = strtoull(argv[1], NULL, 10);
    int64_t seconds = atoi(argv[2]);
    int workers = atoi(argv[3]);
    bool is_well = run_workers(seed + 1000, INT64_MAX, WARM_UP_ROUNDS / workers + 11, workers);
    long before = used_kb();
    is_well = run_workers(seed, now_ns() + seconds * 1000000000LL, INT64_MAX >> 1, workers) && is_well;
    long after = used_kb();
    printf("torture: used %ld kB -> %ld kB\n", before, after);
    if (after > before + SLACK_KB) {
        printf("torture: memory is lost\n");
        return 1;
    }
    return is_well && has_boot_heap_room() ? 0 : 1;
}
