/* SPDX-License-Identifier: MPL-2.0 */
/* Several threads and processes at one thing at once: what must hold however they meet. Meant for several CPUs; holds on one as well. */
#include "harness.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Memory that children share with their parent. */
static void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Two threads leave this at the same time; the counter goes on from meeting to meeting. */
static void meet(volatile int *counter)
{
    int round = __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST) / 2;
    for (int tries = 0; __atomic_load_n(counter, __ATOMIC_SEQ_CST) < (round + 1) * 2; tries++) {
        if (tries > 100)
            sched_yield();
    }
}

/* ---- Processes and signals ---- */

TEST(killing_a_group_that_forks_leaves_nobody)
{
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int round = 0; round < 15; round++) {
        volatile int *forks = shared_memory(4096);
        pid_t leader = (pid_t)OK(fork());
        if (leader == 0) {
            setpgid(0, 0);
            for (int i = 0; i < 2; i++)
                fork();
            for (;;) {
                if (fork() > 0)
                    while (waitpid(-1, NULL, WNOHANG) > 0)
                        continue;
                else if (__atomic_add_fetch(forks, 1, __ATOMIC_RELAXED) % 2)
                    _exit(0);
            }
        }
        setpgid(leader, leader);
        AWAIT(__atomic_load_n(forks, __ATOMIC_RELAXED) > 5 + round);
        OK(kill(-leader, SIGKILL));
        while (wait(NULL) > 0)
            continue;
        CHECK_EQ(errno, ECHILD);
        CHECK_ERRNO(kill(-leader, 0), ESRCH);
    }
}

static void *count_up(void *argument)
{
    volatile long *counter = argument;
    for (;;)
        (*counter)++;
    return NULL;
}

TEST(a_stopped_process_stands_still)
{
    enum { THREADS = 3 };
    volatile long *counters = shared_memory(4096);
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        for (int i = 0; i < THREADS; i++) {
            pthread_t thread;
            pthread_create(&thread, NULL, count_up, (void *)&counters[i * 8]);
        }
        for (;;)
            pause();
    }
    for (int i = 0; i < THREADS; i++)
        AWAIT(counters[i * 8] != 0);
    for (int round = 0; round < 40; round++) {
        /* A continuation that the next stop follows at once: some threads have not left the stop yet. */
        OK(kill(child, SIGSTOP));
        OK(kill(child, SIGCONT));
        OK(kill(child, SIGSTOP));
        int status;
        CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
        CHECK(WIFSTOPPED(status));
        while (process_state(child) != 'T')
            usleep(100);
        /* The report may have been that of the first stop: what is waited for now is the last one. */
        long before[THREADS];
        usleep(2000);
        for (int i = 0; i < THREADS; i++)
            before[i] = counters[i * 8];
        usleep(3000);
        for (int i = 0; i < THREADS; i++)
            CHECK_EQ(counters[i * 8], before[i]);
        OK(kill(child, SIGCONT));
    }
    OK(kill(child, SIGKILL));
    int status;
    do {
        CHECK_EQ(waitpid(child, &status, 0), child);
    } while (!WIFSIGNALED(status));
}

static volatile int handled;

static void count_handled(int signal)
{
    (void)signal;
    __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void *exit_at_once(void *argument)
{
    return argument;
}

static volatile int signalling;

static void *spawn_and_join(void *argument)
{
    while (__atomic_load_n(&signalling, __ATOMIC_SEQ_CST)) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, exit_at_once, NULL) == 0)
            pthread_join(thread, NULL);
    }
    return argument;
}

TEST(a_signal_outlives_the_thread_that_was_to_take_it)
{
    struct sigaction action = {.sa_handler = count_handled, .sa_flags = SA_RESTART};
    OK(sigaction(SIGUSR1, &action, NULL));
    signalling = 1;
    pthread_t spawner;
    CHECK_EQ(pthread_create(&spawner, NULL, spawn_and_join, NULL), 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    for (int i = 1; i <= 300; i++) {
        OK(kill(getpid(), SIGUSR1));
        AWAIT(__atomic_load_n(&handled, __ATOMIC_SEQ_CST) >= i);
    }
    __atomic_store_n(&signalling, 0, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(spawner, NULL), 0);
    CHECK_EQ(handled, 300);
}

TEST(a_process_is_always_in_a_group)
{
    volatile int *is_over = shared_memory(4096);
    pid_t own = getpgrp();
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        long asked = 0;
        while (!__atomic_load_n(is_over, __ATOMIC_SEQ_CST)) {
            pid_t group = getpgrp();
            if ((group != own && group != getpid()) || getsid(0) <= 0)
                _exit(1);
            asked++;
        }
        _exit(asked == 0);
    }
    for (int i = 0; i < 2000; i++) {
        OK(setpgid(child, child));
        OK(setpgid(child, own));
    }
    usleep(1000);
    __atomic_store_n(is_over, 1, __ATOMIC_SEQ_CST);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
}

TEST(processes_that_fork_together_keep_the_limit)
{
    if (geteuid() != 0)
        return;
    enum { LIMIT = 7, FORKERS = 3 };
    for (int round = 0; round < 10; round++) {
        volatile int *state = shared_memory(4096);
        pid_t leader = (pid_t)OK(fork());
        if (leader == 0) {
            setpgid(0, 0);
            struct rlimit limit = {LIMIT, LIMIT};
            if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setresuid(54321, 54321, 54321) != 0)
                _exit(1);
            for (int i = 0; i < FORKERS; i++) {
                if (fork() != 0)
                    continue;
                __atomic_add_fetch(&state[0], 1, __ATOMIC_SEQ_CST);
                while (__atomic_load_n(&state[0], __ATOMIC_SEQ_CST) < FORKERS)
                    sched_yield();
                pid_t child;
                while ((child = fork()) > 0)
                    __atomic_add_fetch(&state[1], 1, __ATOMIC_SEQ_CST);
                if (child < 0)
                    __atomic_add_fetch(&state[2], 1, __ATOMIC_SEQ_CST);
                for (;;)
                    pause();
            }
            for (;;)
                pause();
        }
        setpgid(leader, leader);
        AWAIT(__atomic_load_n(&state[2], __ATOMIC_SEQ_CST) == FORKERS);
        CHECK_EQ(state[1], LIMIT - 1 - FORKERS);
        OK(kill(-leader, SIGKILL));
        CHECK_EQ(waitpid(leader, NULL, 0), leader);
        AWAIT(kill(-leader, 0) == -1 && errno == ESRCH);
    }
}

/* ---- Memory ---- */

static volatile char *page;
static volatile int meetings;
static volatile int rounds_left;

static void *read_the_page(void *argument)
{
    while (rounds_left > 0) {
        meet(&meetings);
        if (rounds_left > 0)
            (void)page[0];
        meet(&meetings);
    }
    return argument;
}

TEST(a_read_fault_keeps_what_another_thread_wrote)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, 4096));
    rounds_left = 400;
    pthread_t reader;
    CHECK_EQ(pthread_create(&reader, NULL, read_the_page, NULL), 0);
    while (rounds_left > 0) {
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        CHECK(page != MAP_FAILED);
        meet(&meetings);
        page[0] = 'w';
        int left = rounds_left - 1;
        CHECK_EQ(page[0], 'w');
        meet(&meetings);
        CHECK_EQ(page[0], 'w');
        OK(munmap((void *)page, 4096));
        if (left == 0) {
            rounds_left = 0;
            break;
        }
        rounds_left = left;
    }
    __atomic_add_fetch(&meetings, 4, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(reader, NULL), 0);
}

enum { PAGES = 8 };
static char *file_pages;
static volatile int touching;
static __thread sigjmp_buf past_the_end;

static void leave_fault(int signal)
{
    (void)signal;
    siglongjmp(past_the_end, 1);
}

static void *touch_pages(void *argument)
{
    volatile unsigned number = (unsigned)(intptr_t)argument;
    while (__atomic_load_n(&touching, __ATOMIC_SEQ_CST)) {
        number = number * 1103515245 + 12345;
        volatile char *where = &file_pages[(number >> 16) % PAGES * 4096];
        if (sigsetjmp(past_the_end, 1) == 0) {
            if (number & 0x8000)
                where[1] = 1;
            else
                (void)where[1];
        }
    }
    return NULL;
}

static void check_mapping_is_the_file(int fd)
{
    char byte;
    for (int i = 0; i < PAGES; i++) {
        file_pages[i * 4096 + 2] = (char)(i + 1);
        CHECK_EQ(pread(fd, &byte, 1, i * 4096 + 2), 1);
        CHECK_EQ(byte, i + 1);
    }
}

TEST(a_mapping_shows_the_file_after_truncations)
{
    struct sigaction action = {.sa_handler = leave_fault, .sa_flags = SA_NODEFER};
    OK(sigaction(SIGBUS, &action, NULL));
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, PAGES * 4096));
    file_pages = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(file_pages != MAP_FAILED);
    touching = 1;
    pthread_t threads[2];
    for (intptr_t i = 0; i < 2; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, touch_pages, (void *)(i + 1)), 0);
    for (int round = 0; round < 300; round++) {
        OK(ftruncate(fd, round % PAGES * 4096));
        OK(ftruncate(fd, PAGES * 4096));
        OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, round % 5 * 4096, 8192));
        check_mapping_is_the_file(fd);
    }
    __atomic_store_n(&touching, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

TEST(areas_move_and_split_while_the_file_is_cut)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, PAGES * 4096));
    file_pages = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(file_pages != MAP_FAILED);
    volatile int *is_over = shared_memory(4096);
    pid_t cutter = (pid_t)OK(fork());
    if (cutter == 0) {
        while (!__atomic_load_n(is_over, __ATOMIC_SEQ_CST)) {
            if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGES * 4096) != 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int round = 0; round < 150; round++) {
        for (int i = 0; i < PAGES; i++)
            file_pages[i * 4096] = 1;
        OK(mprotect(file_pages + 2 * 4096, 3 * 4096, PROT_READ));
        OK(mprotect(file_pages + 2 * 4096, 3 * 4096, PROT_READ | PROT_WRITE));
        char *place = mmap(NULL, PAGES * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(place != MAP_FAILED);
        file_pages = mremap(file_pages, PAGES * 4096, PAGES * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, place);
        CHECK(file_pages == place);
        pid_t child = (pid_t)OK(fork());
        if (child == 0)
            _exit(file_pages[4096] > 1);
        int status;
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(status, 0);
    }
    __atomic_store_n(is_over, 1, __ATOMIC_SEQ_CST);
    int status;
    CHECK_EQ(waitpid(cutter, &status, 0), cutter);
    CHECK_EQ(status, 0);
    check_mapping_is_the_file(fd);
}

/* ---- Sockets and events ---- */

static struct sockaddr_un abstract_address(const char *name, socklen_t *length)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s-%d", name, getpid());
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)size);
    return address;
}

static int listening_socket(const char *name)
{
    socklen_t length;
    struct sockaddr_un address = abstract_address(name, &length);
    int fd = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    OK(bind(fd, (struct sockaddr *)&address, length));
    OK(listen(fd, 8));
    return fd;
}

static volatile int connecting_socket;
static volatile int connected;

static void *connect_repeatedly(void *argument)
{
    socklen_t length;
    struct sockaddr_un address = abstract_address("race", &length);
    for (int round = 0; round < 100; round++) {
        meet(&meetings);
        if (connect(connecting_socket, (struct sockaddr *)&address, length) == 0)
            __atomic_add_fetch(&connected, 1, __ATOMIC_SEQ_CST);
        else if (errno != EISCONN)
            __atomic_add_fetch(&connected, 100, __ATOMIC_SEQ_CST);
        meet(&meetings);
        if (argument != NULL) {
            int listener = *(int *)argument;
            CHECK_EQ(connected, 1);
            int accepted = (int)OK(accept4(listener, NULL, NULL, 0));
            OK(close(accepted));
            OK(close(connecting_socket));
            connected = 0;
            connecting_socket = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        }
        meet(&meetings);
    }
    return NULL;
}

TEST(two_threads_connect_a_socket_once)
{
    int listener = listening_socket("race");
    connecting_socket = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    pthread_t other;
    CHECK_EQ(pthread_create(&other, NULL, connect_repeatedly, NULL), 0);
    connect_repeatedly(&listener);
    CHECK_EQ(pthread_join(other, NULL), 0);
}

TEST(a_listener_keeps_its_abstract_name)
{
    int listener = listening_socket("name");
    socklen_t length;
    struct sockaddr_un address = abstract_address("name", &length);
    for (int i = 0; i < 3; i++) {
        int client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
        OK(connect(client, (struct sockaddr *)&address, length));
        OK(close((int)OK(accept(listener, NULL, NULL))));
        OK(close(client));
    }
}

TEST(epoll_watches_a_socket_through_its_connect)
{
    int listener = listening_socket("watch");
    socklen_t length;
    struct sockaddr_un address = abstract_address("watch", &length);
    int client = (int)OK(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, client, &event));
    OK(connect(client, (struct sockaddr *)&address, length));
    int server = (int)OK(accept(listener, NULL, NULL));
    while (epoll_wait(epoll, &event, 1, 0) > 0 && (event.events & EPOLLHUP) != 0)
        continue;
    CHECK_CHILD({
        usleep(2000);
        CHECK_EQ(write(server, "x", 1), 1);
    });
    CHECK_EQ(epoll_wait(epoll, &event, 1, 10000), 1);
    CHECK_EQ(event.events, EPOLLIN);
}

static void send_file(int through, int file)
{
    char byte = 'f';
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &file, sizeof file);
    CHECK_EQ(sendmsg(through, &message, 0), 1);
}

TEST(a_chain_of_sockets_in_flight_closes)
{
    int pair[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    int first = pair[0], carrier = pair[1];
    for (int i = 0; i < 600; i++) {
        OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        send_file(pair[0], carrier);
        OK(close(carrier));
        OK(close(pair[0]));
        carrier = pair[1];
    }
    OK(close(carrier));
    char byte;
    CHECK_EQ(read(first, &byte, 1), 0);
}

TEST(a_socket_in_flight_to_its_own_end_survives_a_bad_buffer)
{
    int pair[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    send_file(pair[0], pair[0]);
    OK(close(pair[0]));
    struct iovec bad = {(void *)8, 1};
    struct msghdr message = {.msg_iov = &bad, .msg_iovlen = 1};
    CHECK_ERRNO(recvmsg(pair[1], &message, 0), EFAULT);
    OK(close(pair[1]));
}

static volatile int reports;

static void *wait_for_events(void *argument)
{
    int epoll = *(int *)argument;
    struct epoll_event event;
    while (epoll_wait(epoll, &event, 1, -1) == 1 && event.data.u32 != 0)
        __atomic_add_fetch(&reports, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

TEST(a_one_shot_event_comes_once_to_many_waiters)
{
    enum { WAITERS = 3, ROUNDS = 300 };
    int pipe_ends[2];
    OK(pipe(pipe_ends));
    int epoll = (int)OK(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u32 = 1};
    OK(epoll_ctl(epoll, EPOLL_CTL_ADD, pipe_ends[0], &event));
    pthread_t threads[WAITERS];
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, wait_for_events, &epoll), 0);
    for (int i = 1; i <= ROUNDS; i++) {
        CHECK_EQ(write(pipe_ends[1], "x", 1), 1);
        AWAIT(__atomic_load_n(&reports, __ATOMIC_SEQ_CST) >= i);
        CHECK_EQ(write(pipe_ends[1], "y", 1), 1);
        event.data.u32 = (uint32_t)i + 1;
        OK(epoll_ctl(epoll, EPOLL_CTL_MOD, pipe_ends[0], &event));
        i++;
        AWAIT(__atomic_load_n(&reports, __ATOMIC_SEQ_CST) >= i);
        char bytes[2];
        CHECK_EQ(read(pipe_ends[0], bytes, 2), 2);
        CHECK_EQ(reports, i);
        OK(epoll_ctl(epoll, EPOLL_CTL_MOD, pipe_ends[0], &event));
    }
    CHECK_EQ(reports, ROUNDS);
    event = (struct epoll_event){.events = EPOLLIN, .data.u32 = 0};
    OK(epoll_ctl(epoll, EPOLL_CTL_MOD, pipe_ends[0], &event));
    CHECK_EQ(write(pipe_ends[1], "z", 1), 1);
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}
