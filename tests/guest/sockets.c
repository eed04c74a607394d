/* SPDX-License-Identifier: MPL-2.0 */
/* Local sockets: unix(7), socketpair(2), bind(2), connect(2), accept(2), sendmsg(2), shutdown(2). */
#include "harness.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, path);
    return name;
}

TEST(pair)
{
    int s[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    CHECK_EQ(write(s[0], "hello", 5), 5);
    char buffer[16] = {0};
    CHECK_EQ(read(s[1], buffer, sizeof buffer), 5);
    CHECK_STR(buffer, "hello");
    CHECK_EQ(send(s[1], "back", 4, 0), 4);
    CHECK_EQ(recv(s[0], buffer, 2, MSG_PEEK), 2);
    CHECK_EQ(recv(s[0], buffer, sizeof buffer, 0), 4);
    CHECK_ERRNO(recv(s[0], buffer, 1, MSG_DONTWAIT), EAGAIN);
    OK(close(s[1]));
    CHECK_EQ(read(s[0], buffer, 1), 0);
    CHECK_ERRNO(send(s[0], "x", 1, MSG_NOSIGNAL), EPIPE);
    CHECK_ERRNO(socketpair(AF_UNIX, 99, 0, s), EINVAL);
    CHECK_ERRNO(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT);
}

TEST(connection)
{
    int listener = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    struct sockaddr_un name = address("socket");
    int client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_ERRNO(connect(client, (struct sockaddr *)&name, sizeof name), ENOENT);
    OK(bind(listener, (struct sockaddr *)&name, sizeof name));
    struct stat st;
    OK(stat("socket", &st));
    CHECK_EQ(st.st_mode & S_IFMT, S_IFSOCK);
    CHECK_ERRNO(connect(client, (struct sockaddr *)&name, sizeof name), ECONNREFUSED);
    OK(listen(listener, 5));
    OK(connect(client, (struct sockaddr *)&name, sizeof name));
    int server = (int)OK(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    CHECK_EQ(fcntl(server, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(write(client, "request", 7), 7);
    char buffer[16] = {0};
    CHECK_EQ(read(server, buffer, sizeof buffer), 7);
    CHECK_STR(buffer, "request");
    struct sockaddr_un peer;
    socklen_t length = sizeof peer;
    OK(getpeername(client, (struct sockaddr *)&peer, &length));
    CHECK_STR(peer.sun_path, "socket");
    CHECK_ERRNO(bind((int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), (struct sockaddr *)&name, sizeof name), EADDRINUSE);
    CHECK_ERRNO(connect(client, (struct sockaddr *)&name, sizeof name), EISCONN);
    CHECK_ERRNO(open("socket", O_RDWR), ENXIO);
    OK(shutdown(client, SHUT_WR));
    CHECK_EQ(read(server, buffer, 1), 0);
    CHECK_EQ(write(server, "reply", 5), 5);
    CHECK_EQ(read(client, buffer, sizeof buffer), 5);
}

TEST(abstract_names)
{
    int listener = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), client = (int)OK(socket(AF_UNIX, SOCK_STREAM, 0));
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, "\0guest-test", 11);
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + 11;
    OK(bind(listener, (struct sockaddr *)&name, length));
    OK(listen(listener, 1));
    OK(connect(client, (struct sockaddr *)&name, length));
    CHECK_ERRNO(connect((int)OK(socket(AF_UNIX, SOCK_STREAM, 0)), (struct sockaddr *)&name, length - 1), ECONNREFUSED);
}

TEST(credentials_of_the_peer)
{
    int s[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    struct ucred peer;
    socklen_t length = sizeof peer;
    OK(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &peer, &length));
    CHECK_EQ(peer.pid, getpid());
    CHECK_EQ(peer.uid, 0);
    int type;
    length = sizeof type;
    OK(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &type, &length));
    CHECK_EQ(type, SOCK_STREAM);
}

TEST(pass_a_descriptor)
{
    int s[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    write_file("f", "passed");
    CHECK_CHILD({
        int fd = (int)OK(open("f", O_RDONLY));
        char control[CMSG_SPACE(sizeof fd)] = {0};
        struct msghdr message = {.msg_iov = &(struct iovec){"x", 1}, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(header), &fd, sizeof fd);
        CHECK_EQ(sendmsg(s[1], &message, 0), 1);
    });
    char c, control[CMSG_SPACE(sizeof(int))];
    struct msghdr message = {.msg_iov = &(struct iovec){&c, 1}, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    CHECK_EQ(recvmsg(s[0], &message, 0), 1);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    CHECK(header != NULL && header->cmsg_type == SCM_RIGHTS);
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    char buffer[16] = {0};
    CHECK_EQ(read(fd, buffer, sizeof buffer), 6);
    CHECK_STR(buffer, "passed");
}

TEST(much_data_both_ways)
{
    int s[2];
    OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
    enum { TOTAL = 2 * 1024 * 1024 };
    static char block[65536];
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        OK(close(s[0]));
        for (int total = 0; total < TOTAL;) {
            ssize_t n = OK(read(s[1], block, sizeof block));
            for (ssize_t sent = 0; sent < n;)
                sent += OK(write(s[1], block + sent, (size_t)(n - sent)));
            total += (int)n;
        }
        _exit(0);
    }
    OK(close(s[1]));
    if (fork() == 0) {
        for (int total = 0; total < TOTAL; total += 4096)
            CHECK_EQ(write(s[0], block, 4096), 4096);
        _exit(0);
    }
    int received = 0;
    while (received < TOTAL)
        received += (int)OK(read(s[0], block, sizeof block));
    CHECK_EQ(received, TOTAL);
    int status;
    OK(wait(&status));
    CHECK_EQ(status, 0);
    OK(wait(&status));
    CHECK_EQ(status, 0);
}
