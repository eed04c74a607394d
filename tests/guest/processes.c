/* SPDX-License-Identifier: MPL-2.0 */
/* Processes: fork(2), vfork(2), clone(2), execve(2), wait4(2), waitid(2), exit_group(2), setpgid(2), setsid(2), prctl(2). */
#include "harness.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

TEST(exit_statuses)
{
    for (int code = 0; code < 256; code += 51) {
        int status = CHILD(_exit(code));
        CHECK(WIFEXITED(status));
        CHECK_EQ(WEXITSTATUS(status), code);
    }
    int status = CHILD(_exit(0x1234));
    CHECK_EQ(WEXITSTATUS(status), 0x34);
    status = CHILD(kill(getpid(), SIGKILL));
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGKILL);
}

TEST(memory_is_copied)
{
    static int shared_page = 1;
    int on_stack = 2;
    int *on_heap = malloc(sizeof *on_heap);
    *on_heap = 3;
    CHECK_CHILD({
        CHECK(shared_page == 1 && on_stack == 2 && *on_heap == 3);
        shared_page = on_stack = *on_heap = 9;
    });
    CHECK(shared_page == 1 && on_stack == 2 && *on_heap == 3);
}

TEST(descriptors_are_shared)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_CHILD({
        CHECK_EQ(write(fd, "abc", 3), 3);
        OK(close(fd));
    });
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 3);
}

TEST(wait_errors)
{
    int status;
    CHECK_ERRNO(wait(&status), ECHILD);
    CHECK_ERRNO(waitpid(1, &status, 0), ECHILD);
    CHECK_ERRNO(waitpid(-1, &status, 0x100), EINVAL);
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        pause();
    CHECK_EQ(waitpid(child, &status, WNOHANG), 0);
    OK(kill(child, SIGTERM));
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(WTERMSIG(status), SIGTERM);
    CHECK_ERRNO(waitpid(child, &status, 0), ECHILD);
}

TEST(wait_by_group)
{
    pid_t a = (pid_t)OK(fork());
    if (a == 0) {
        OK(setpgid(0, 0));
        _exit(1);
    }
    setpgid(a, a);
    pid_t b = (pid_t)OK(fork());
    if (b == 0)
        _exit(2);
    int status;
    CHECK_EQ(waitpid(-a, &status, 0), a);
    CHECK_EQ(WEXITSTATUS(status), 1);
    CHECK_EQ(waitpid(0, &status, 0), b);
    CHECK_EQ(WEXITSTATUS(status), 2);
}

TEST(stopped_and_continued)
{
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        for (;;)
            pause();
    int status;
    OK(kill(child, SIGSTOP));
    CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
    CHECK(WIFSTOPPED(status));
    CHECK_EQ(WSTOPSIG(status), SIGSTOP);
    CHECK_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
    CHECK_EQ(process_state(child), 'T');
    OK(kill(child, SIGCONT));
    CHECK_EQ(waitpid(child, &status, WCONTINUED), child);
    CHECK(WIFCONTINUED(status));
    OK(kill(child, SIGKILL));
    CHECK_EQ(waitpid(child, &status, 0), child);
}

TEST(waitid_information)
{
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        _exit(7);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    OK(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
    CHECK_EQ(info.si_signo, SIGCHLD);
    CHECK_EQ(info.si_code, CLD_EXITED);
    CHECK_EQ(info.si_status, 7);
    CHECK_EQ(info.si_pid, child);
    CHECK_EQ(process_state(child), 'Z');
    OK(waitid(P_ALL, 0, &info, WEXITED));
    CHECK_EQ(info.si_pid, child);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    CHECK_ERRNO(waitid(P_ALL, 0, &info, 0), EINVAL);
    child = (pid_t)OK(fork());
    if (child == 0)
        abort();
    OK(waitid(P_PID, (id_t)child, &info, WEXITED));
    CHECK(info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED);
    CHECK_EQ(info.si_status, SIGABRT);
}

TEST(child_usage)
{
    struct rusage usage;
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        int64_t start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
        while (now_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 100000000)
            ;
        _exit(0);
    }
    int status;
    CHECK_EQ(wait4(child, &status, 0, &usage), child);
    int64_t us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    CHECK(us >= 50000);
    OK(getrusage(RUSAGE_CHILDREN, &usage));
    us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    CHECK(us >= 50000);
    CHECK_ERRNO(getrusage(99, &usage), EINVAL);
}

TEST(vfork_shares_memory)
{
    static volatile int value = 1;
    pid_t child = vfork();
    if (child == 0) {
        value = 2;
        _exit(0);
    }
    CHECK(child > 0);
    CHECK_EQ(value, 2);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
}

TEST(orphans_get_a_new_parent)
{
    int p[2];
    OK(pipe(p));
    CHECK_CHILD({
        pid_t parent = getpid();
        pid_t grandchild = (pid_t)OK(fork());
        if (grandchild == 0) {
            AWAIT(getppid() != parent);
            pid_t now = getppid();
            write(p[1], &now, sizeof now);
            _exit(0);
        }
    });
    pid_t parent;
    CHECK_EQ(read(p[0], &parent, sizeof parent), sizeof parent);
    CHECK_EQ(parent, 1);
}

TEST(subreaper)
{
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    int p[2];
    OK(pipe(p));
    CHECK_CHILD({
        pid_t grandchild = (pid_t)OK(fork());
        if (grandchild == 0) {
            char c;
            read(p[0], &c, 1);
            _exit(5);
        }
    });
    CHECK_EQ(write(p[1], "x", 1), 1);
    int status;
    CHECK(wait(&status) > 0);
    CHECK_EQ(WEXITSTATUS(status), 5);
}

TEST(groups_and_sessions)
{
    pid_t me = getpid();
    CHECK_EQ(getpgrp(), me);
    CHECK_ERRNO(setsid(), EPERM);
    CHECK_CHILD({
        CHECK_EQ(getpgrp(), me);
        CHECK_EQ(setsid(), getpid());
        CHECK_EQ(getsid(0), getpid());
        CHECK_EQ(getpgrp(), getpid());
        CHECK_ERRNO(setpgid(0, 0), EPERM);
    });
    CHECK_ERRNO(setpgid(0, 999999), EPERM);
    CHECK_ERRNO(setpgid(999999, 0), ESRCH);
    CHECK_ERRNO(setpgid(0, -1), EINVAL);
    CHECK_ERRNO(getpgid(999999), ESRCH);
    CHECK_ERRNO(getsid(999999), ESRCH);
}

TEST(exec_replaces_the_program)
{
    int p[2];
    OK(pipe(p));
    CHECK_CHILD({
        dup2(p[1], 1);
        char *arguments[] = {"echo", "one", "two words", "", NULL};
        char *environment[] = {"X=1", NULL};
        execve("/bin/busybox", arguments, environment);
        _exit(1);
    });
    char buffer[64] = {0};
    CHECK_EQ(read(p[0], buffer, sizeof buffer), 15);
    CHECK_STR(buffer, "one two words \n");
}

TEST(exec_errors)
{
    char *arguments[] = {"x", NULL};
    write_file("text", "#!/no/such/interpreter\n");
    OK(chmod("text", 0755));
    CHECK_ERRNO(execve("text", arguments, NULL), ENOENT);
    write_file("plain", "hello");
    CHECK_ERRNO(execve("plain", arguments, NULL), EACCES);
    OK(chmod("plain", 0755));
    CHECK_ERRNO(execve("plain", arguments, NULL), ENOEXEC);
    write_file("empty", "");
    OK(chmod("empty", 0755));
    CHECK_ERRNO(execve("empty", arguments, NULL), ENOEXEC);
    CHECK_ERRNO(execve("missing", arguments, NULL), ENOENT);
    CHECK_ERRNO(execve(".", arguments, NULL), EACCES);
    CHECK_ERRNO(execve("plain/x", arguments, NULL), ENOTDIR);
    CHECK_ERRNO(execve((char *)8, arguments, NULL), EFAULT);
    CHECK_ERRNO(execve("/bin/busybox", (char **)8, NULL), EFAULT);
    char *wild[] = {(char *)8, NULL};
    CHECK_ERRNO(execve("/bin/busybox", wild, NULL), EFAULT);
    write_file("recursive", "#!./recursive\n");
    OK(chmod("recursive", 0755));
    CHECK_ERRNO(execve("recursive", arguments, NULL), ELOOP);
}

TEST(exec_unterminated_argv)
{
    /* The last page is full of pointers and nothing ends the list. */
    char **list = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(list != MAP_FAILED);
    OK(munmap((char *)list + 4096, 4096));
    for (size_t i = 0; i < 4096 / sizeof *list; i++)
        list[i] = "x";
    CHECK_ERRNO(execve("/bin/busybox", list, NULL), EFAULT);
    /* An argument whose bytes run into nothing. */
    char *text = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(text != MAP_FAILED);
    OK(munmap(text + 4096, 4096));
    memset(text, 'x', 4096);
    char *arguments[] = {text, NULL};
    CHECK_ERRNO(execve("/bin/busybox", arguments, NULL), EFAULT);
}

TEST(exec_too_much)
{
    enum { SIZE = 140000 };
    char *text = malloc(SIZE);
    memset(text, 'x', SIZE);
    text[SIZE - 1] = 0;
    char *arguments[] = {"true", text, NULL};
    CHECK_ERRNO(execve("/bin/busybox", arguments, NULL), E2BIG);
    text[131071] = 0;
    CHECK_CHILD(execve("/bin/true", arguments, NULL); _exit(1));
    enum { COUNT = 200 };
    char *many[COUNT + 1];
    for (int i = 0; i < COUNT; i++)
        many[i] = text;
    many[COUNT] = NULL;
    CHECK_ERRNO(execve("/bin/true", many, NULL), E2BIG);
}

TEST(exec_keeps_and_resets)
{
    int kept = (int)OK(open("/dev/null", O_RDONLY)), closed = (int)OK(open("/dev/null", O_RDONLY | O_CLOEXEC));
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_DFL);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    OK(sigprocmask(SIG_SETMASK, &mask, NULL));
    char script[512];
    snprintf(script, sizeof script,
             "test -e /proc/self/fd/%d && ! test -e /proc/self/fd/%d && grep -q 'SigIgn:.*2..$' /proc/self/status && grep -q 'SigBlk:.*2000$' /proc/self/status",
             kept, closed);
    int status = CHILD(execl("/bin/sh", "sh", "-c", script, NULL); _exit(99));
    CHECK_EQ(status, 0);
}

TEST(process_name)
{
    char name[16];
    OK(prctl(PR_SET_NAME, "a-name-that-is-too-long"));
    OK(prctl(PR_GET_NAME, name));
    CHECK_STR(name, "a-name-that-is-");
    CHECK_STR(read_file("/proc/self/comm"), "a-name-that-is-\n");
    CHECK_ERRNO(prctl(99999), EINVAL);
}

TEST(parent_death_signal)
{
    int p[2];
    OK(pipe(p));
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        pid_t grandchild = (pid_t)OK(fork());
        if (grandchild == 0) {
            OK(prctl(PR_SET_PDEATHSIG, SIGKILL));
            write(p[1], "r", 1);
            for (;;)
                pause();
        }
        char c;
        read(p[0], &c, 1);
        OK(close(p[0]));
        _exit(0);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    OK(close(p[1]));
    /* End of file comes when the grandchild, which holds the other end, is gone. */
    char c;
    CHECK_EQ(read(p[0], &c, 1), 0);
}

TEST(clone3_process)
{
    struct clone_args arguments = {.exit_signal = SIGCHLD, .flags = CLONE_PARENT_SETTID};
    pid_t told = 0;
    arguments.parent_tid = (uintptr_t)&told;
    pid_t child = (pid_t)OK(syscall(SYS_clone3, &arguments, sizeof arguments));
    if (child == 0)
        _exit(3);
    CHECK_EQ(told, child);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(WEXITSTATUS(status), 3);
    CHECK_ERRNO(syscall(SYS_clone3, &arguments, 8), EINVAL);
    arguments.flags = CLONE_SIGHAND;
    CHECK_ERRNO(syscall(SYS_clone3, &arguments, sizeof arguments), EINVAL);
    arguments.flags = CLONE_THREAD;
    CHECK_ERRNO(syscall(SYS_clone3, &arguments, sizeof arguments), EINVAL);
}

TEST(many_processes)
{
    enum { COUNT = 200 };
    static pid_t children[COUNT];
    int gate[2];
    OK(pipe(gate));
    for (int i = 0; i < COUNT; i++) {
        children[i] = (pid_t)OK(fork());
        if (children[i] == 0) {
            char c;
            OK(close(gate[1]));
            read(gate[0], &c, 1);
            _exit(i & 0x7f);
        }
    }
    OK(close(gate[1]));
    for (int i = 0; i < COUNT; i++) {
        int status;
        CHECK_EQ(waitpid(children[i], &status, 0), children[i]);
        CHECK_EQ(WEXITSTATUS(status), i & 0x7f);
    }
}

TEST(ignored_children_leave_no_zombies)
{
    signal(SIGCHLD, SIG_IGN);
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        _exit(0);
    int status;
    CHECK_ERRNO(waitpid(child, &status, 0), ECHILD);
}

TEST(priorities)
{
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 0);
    OK(setpriority(PRIO_PROCESS, 0, 10));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 10);
    CHECK_CHILD(CHECK_EQ(getpriority(PRIO_PROCESS, 0), 10));
    OK(setpriority(PRIO_PROCESS, 0, 100));
    CHECK_EQ(getpriority(PRIO_PROCESS, 0), 19);
    CHECK_ERRNO(setpriority(99, 0, 0), EINVAL);
    CHECK_ERRNO(setpriority(PRIO_PROCESS, 999999, 0), ESRCH);
    OK(sched_yield());
}
