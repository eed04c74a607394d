/* SPDX-License-Identifier: MPL-2.0 */
/* Sockets, pipes and events: several threads at one thing at once: what must hold however they meet. Meant for several CPUs; holds on one as well. */
#include "harness.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Two threads leave this at the same time; the counter goes on from meeting to meeting. */
static void meet(volatile int *counter)
{
    int round = __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST) / 2;
    for (int tries = 0; __atomic_load_n(counter, __ATOMIC_SEQ_CST) < (round + 1) * 2; tries++) {
        if (tries > 100)
            sched_yield();
    }
}

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

static volatile int meetings;
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

enum { TOKENS = 1500 };
static int token_pipe[2];
static volatile int tokens_read;

static void *write_tokens(void *argument)
{
    for (int i = 0; i < TOKENS; i++) {
        if (write(token_pipe[1], "t", 1) != 1)
            return argument;
    }
    return NULL;
}

static void *read_tokens(void *argument)
{
    char bytes[3];
    bool polls = argument != NULL;
    for (;;) {
        struct pollfd entry = {.fd = token_pipe[0], .events = POLLIN};
        if (polls && poll(&entry, 1, -1) != 1)
            return argument;
        ssize_t length = read(token_pipe[0], bytes, polls ? 1 : sizeof bytes);
        if (length <= 0)
            return NULL;
        __atomic_add_fetch(&tokens_read, (int)length, __ATOMIC_SEQ_CST);
    }
}

TEST(a_pipe_loses_nothing_between_many)
{
    OK(pipe(token_pipe));
    OK(fcntl(token_pipe[1], F_SETPIPE_SZ, 4096));
    pthread_t writers[3], readers[3];
    for (intptr_t i = 0; i < 3; i++) {
        CHECK_EQ(pthread_create(&readers[i], NULL, read_tokens, (void *)(i % 2)), 0);
        CHECK_EQ(pthread_create(&writers[i], NULL, write_tokens, (void *)1), 0);
    }
    for (int i = 0; i < 3; i++) {
        void *failed;
        CHECK_EQ(pthread_join(writers[i], &failed), 0);
        CHECK(failed == NULL);
    }
    OK(close(token_pipe[1]));
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_join(readers[i], NULL), 0);
    CHECK_EQ(tokens_read, 3 * TOKENS);
}

static void *close_after_a_message(void *argument)
{
    int fd = (int)(intptr_t)argument;
    if (write(fd, "last", 4) != 4)
        return argument;
    close(fd);
    return NULL;
}

TEST(the_last_words_of_a_socket_arrive)
{
    for (int round = 0; round < 200; round++) {
        int pair[2];
        OK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
        pthread_t closer;
        CHECK_EQ(pthread_create(&closer, NULL, close_after_a_message, (void *)(intptr_t)pair[1]), 0);
        char bytes[8];
        struct pollfd entry = {.fd = pair[0], .events = POLLIN};
        if (round % 2)
            CHECK_EQ(poll(&entry, 1, -1), 1);
        CHECK_EQ(recv(pair[0], bytes, sizeof bytes, MSG_WAITALL), 4);
        CHECK_EQ(read(pair[0], bytes, sizeof bytes), 0);
        void *failed;
        CHECK_EQ(pthread_join(closer, &failed), 0);
        CHECK(failed == NULL);
        OK(close(pair[0]));
    }
}
