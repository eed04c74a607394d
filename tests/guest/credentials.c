/* SPDX-License-Identifier: MPL-2.0 */
/* Users, groups and permissions: credentials(7), setuid(2), setresuid(2), setgroups(2), access(2), capabilities(7), setrlimit(2). */
#include "harness.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static void become_user(void)
{
    OK(setgroups(0, NULL));
    OK(setgid(1000));
    OK(setuid(1000));
}

TEST(user_identities)
{
    CHECK_CHILD({
        OK(setresuid(1, 2, 3));
        uid_t real, effective, saved;
        OK(getresuid(&real, &effective, &saved));
        CHECK(real == 1 && effective == 2 && saved == 3);
        CHECK(getuid() == 1 && geteuid() == 2);
        OK(seteuid(3));
        OK(seteuid(1));
        CHECK_ERRNO(seteuid(0), EPERM);
        CHECK_ERRNO(setuid(7), EPERM);
        CHECK_ERRNO(setresuid(9, -1, -1), EPERM);
    });
    CHECK_CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(setuid(0), EPERM);
        CHECK_ERRNO(setgid(5), EPERM);
        CHECK_ERRNO(setgroups(0, NULL), EPERM);
    });
}

TEST(group_identities)
{
    CHECK_CHILD({
        gid_t groups[3] = {5, 6, 7};
        gid_t got[8];
        OK(setgroups(3, groups));
        CHECK_EQ(getgroups(0, NULL), 3);
        CHECK_EQ(getgroups(8, got), 3);
        CHECK(got[0] == 5 && got[2] == 7);
        CHECK_ERRNO(getgroups(2, got), EINVAL);
        OK(setresgid(1, 2, 3));
        gid_t real;
        gid_t effective;
        gid_t saved;
        OK(getresgid(&real, &effective, &saved));
        CHECK(real == 1 && effective == 2 && saved == 3);
        CHECK_ERRNO(setgroups(100000, groups), EINVAL);
    });
}

TEST(file_permissions)
{
    OK(chmod(".", 0755));
    write_file("owner", "x");
    OK(chown("owner", 1000, 0));
    OK(chmod("owner", 0400));
    write_file("group", "x");
    OK(chown("group", 0, 1000));
    OK(chmod("group", 0060));
    write_file("other", "x");
    OK(chmod("other", 0004));
    write_file("denied", "x");
    OK(chown("denied", 1000, 1000));
    OK(chmod("denied", 0077));
    OK(mkdir("closed", 0700));
    write_file("closed/f", "x");
    OK(mkdir("list-only", 0744));
    write_file("list-only/f", "x");
    CHECK_CHILD({
        become_user();
        OK(close(OK(open("owner", O_RDONLY))));
        CHECK_ERRNO(open("owner", O_WRONLY), EACCES);
        OK(close(OK(open("group", O_RDWR))));
        OK(close(OK(open("other", O_RDONLY))));
        CHECK_ERRNO(open("other", O_WRONLY), EACCES);
        /* The owner's bits decide for the owner, even when the others' allow more. */
        CHECK_ERRNO(open("denied", O_RDONLY), EACCES);
        CHECK_ERRNO(open("closed/f", O_RDONLY), EACCES);
        CHECK_ERRNO(access("list-only/f", F_OK), EACCES);
        OK(close(OK(open("list-only", O_RDONLY))));
        CHECK_ERRNO(open("new", O_CREAT | O_WRONLY, 0644), EACCES);
        CHECK_ERRNO(unlink("other"), EACCES);
        CHECK_ERRNO(rename("other", "x"), EACCES);
        CHECK_ERRNO(mkdir("x", 0755), EACCES);
        CHECK_ERRNO(chmod("other", 0777), EPERM);
        CHECK_ERRNO(chown("owner", 1000, 5), EPERM);
        CHECK_ERRNO(chown("owner", 5, -1), EPERM);
        OK(chmod("owner", 0600));
        CHECK_ERRNO(access("owner", X_OK), EACCES);
        CHECK_ERRNO(utimensat(AT_FDCWD, "other", (struct timespec[]){{1, 0}, {1, 0}}, 0), EPERM);
    });
    OK(access("owner", R_OK | W_OK));
    CHECK_ERRNO(access("owner", X_OK), EACCES);
    CHECK_ERRNO(access("owner", 99), EINVAL);
}

TEST(access_uses_the_real_user)
{
    OK(chmod(".", 0755));
    write_file("f", "x");
    OK(chmod("f", 0600));
    CHECK_CHILD({
        OK(setresuid(1000, 0, 0));
        OK(close(OK(open("f", O_RDONLY))));
        CHECK_ERRNO(access("f", R_OK), EACCES);
        OK(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
    });
}

TEST(sticky_directory)
{
    OK(mkdir("d", 0777));
    OK(chmod("d", 01777));
    write_file("d/roots", "x");
    OK(chmod(".", 0755));
    CHECK_CHILD({
        become_user();
        OK(close(OK(open("d/own", O_CREAT | O_WRONLY, 0644))));
        CHECK_ERRNO(unlink("d/roots"), EPERM);
        CHECK_ERRNO(rename("d/roots", "d/x"), EPERM);
        OK(unlink("d/own"));
    });
}

TEST(set_user_id_program)
{
    OK(chmod(".", 0755));
    char command[] = "cp /bin/busybox ./b && chown 1000:100 b && chmod 6755 b";
    CHECK_EQ(system(command), 0);
    int p[2];
    OK(pipe(p));
    CHECK_CHILD({
        dup2(p[1], 1);
        OK(setgroups(0, NULL));
        OK(setgid(7));
        OK(setuid(65534));
        execl("./b", "grep", "-E", "^(Uid|Gid)", "/proc/self/status", NULL);
        _exit(1);
    });
    char text[128] = {0};
    OK(read(p[0], text, sizeof text));
    /* Busybox gives its effective identity up for an applet that doesn't need it; the saved one shows that exec had set it. */
    CHECK_STR(text, "Uid:\t65534\t65534\t1000\t65534\nGid:\t7\t7\t100\t7\n");
    CHECK_CHILD({
        dup2(p[1], 1);
        OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        OK(setuid(65534));
        execl("./b", "grep", "-E", "^Uid", "/proc/self/status", NULL);
        _exit(1);
    });
    memset(text, 0, sizeof text);
    OK(read(p[0], text, sizeof text));
    CHECK_STR(text, "Uid:\t65534\t65534\t65534\t65534\n");
}

TEST(limits)
{
    struct rlimit limit;
    OK(getrlimit(RLIMIT_NOFILE, &limit));
    CHECK(limit.rlim_cur <= limit.rlim_max);
    CHECK_ERRNO(getrlimit(99, &limit), EINVAL);
    limit = (struct rlimit){20, 10};
    CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
    CHECK_CHILD({
        struct rlimit small = {10, 10};
        OK(setrlimit(RLIMIT_NOFILE, &small));
        int last = -1;
        for (int fd; (fd = open("/dev/null", O_RDONLY)) != -1;)
            last = fd;
        CHECK_EQ(errno, EMFILE);
        CHECK_EQ(last, 9);
        int p[2];
        CHECK_ERRNO(pipe(p), EMFILE);
        CHECK_ERRNO(dup(0), EMFILE);
        CHECK_ERRNO(fcntl(0, F_DUPFD, 10), EINVAL);
        CHECK_ERRNO(dup2(0, 10), EBADF);
    });
    CHECK_CHILD({
        OK(setuid(1000));
        struct rlimit more = {5, 1UL << 40};
        CHECK_ERRNO(setrlimit(RLIMIT_NOFILE, &more), EPERM);
    });
}

TEST(process_count_limit)
{
    CHECK_CHILD({
        struct rlimit few = {3, 3};
        OK(setrlimit(RLIMIT_NPROC, &few));
        OK(setuid(12345));
        int started = 0;
        while (started < 10) {
            pid_t child = fork();
            if (child == 0)
                for (;;)
                    pause();
            if (child < 0)
                break;
            started++;
        }
        int error = errno;
        kill(0, 0);
        CHECK_EQ(started, 2);
        CHECK_EQ(error, EAGAIN);
    });
}

TEST(cpu_time_limit)
{
    int status = CHILD({
        struct rlimit one = {1, 2};
        OK(setrlimit(RLIMIT_CPU, &one));
        for (;;)
            continue;
    });
    CHECK_EQ(WTERMSIG(status), SIGXCPU);
}

TEST(capabilities)
{
    struct { uint32_t version; int pid; } header = {0x20080522, 0};
    struct { uint32_t effective, permitted, inheritable; } data[2];
    OK(syscall(SYS_capget, &header, data));
    CHECK(data[0].effective & 1u << 21 /* CAP_SYS_ADMIN */);
    CHECK_CHILD({
        OK(setuid(1000));
        OK(syscall(SYS_capget, &header, data));
        CHECK_EQ(data[0].effective, 0);
        CHECK_EQ(data[0].permitted, 0);
    });
    header.version = 1;
    CHECK_ERRNO(syscall(SYS_capget, &header, data), EINVAL);
    CHECK_EQ(header.version, 0x20080522);
}
