/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

TEST(status_of_a_child)
{
    CHECK_EQ(exit_status(CHILD(exit_program(7))), 7);
    CHECK_EQ(death_signal(CHILD(SYSCALL(kill, SYSCALL(getpid), SIGTERM))), SIGTERM);
    CHECK_EQ(wait_for(-1, NULL, 0), -ECHILD);
}

TEST(memory_is_copied)
{
    static volatile int shared = 1;
    CHECK_CHILD(shared = 2);
    CHECK_EQ(shared, 1);
}

TEST(parents)
{
    long self = SYSCALL(getpid);
    CHECK_CHILD(CHECK_EQ(SYSCALL(getppid), self));
    CHECK_EQ(SYSCALL(getpgid, 0), self);
    CHECK_CHILD({
        long session = OK(SYSCALL(setsid));
        CHECK_EQ(session, SYSCALL(getpid));
        CHECK_EQ(SYSCALL(setsid), -EPERM);
    });
}

TEST(wait_does_not_block_with_WNOHANG)
{
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    long child = OK(fork());
    if (child == 0) {
        char byte;
        close(ends[1]);
        read(ends[0], &byte, 1);
        exit_program(0);
    }
    CHECK_EQ(wait_for(child, NULL, WNOHANG), 0);
    close(ends[1]);
    CHECK_EQ(wait_for(child, NULL, 0), child);
}

TEST(waitid_tells_how)
{
    long child = OK(fork());
    if (child == 0)
        exit_program(9);
    struct siginfo info;
    OK(SYSCALL(waitid, P_PID, child, &info, WEXITED, 0));
    CHECK_EQ(info.signal, SIGCHLD);
    CHECK_EQ(info.code, CLD_EXITED);
    CHECK_EQ(info.pid, child);
    CHECK_EQ((int)info.value, 9);
}

TEST(stop_and_continue)
{
    long child = OK(fork());
    if (child == 0)
        for (;;)
            poll(NULL, 0, NULL);
    int status;
    OK(SYSCALL(kill, child, SIGSTOP));
    CHECK_EQ(wait_for(child, &status, WUNTRACED), child);
    CHECK_EQ(status, SIGSTOP << 8 | 0x7f);
    OK(SYSCALL(kill, child, SIGCONT));
    CHECK_EQ(wait_for(child, &status, WCONTINUED), child);
    CHECK_EQ(status, 0xffff);
    OK(SYSCALL(kill, child, SIGKILL));
    CHECK_EQ(wait_for(child, &status, 0), child);
    CHECK_EQ(death_signal(status), SIGKILL);
}

/* What a new program gets: a program executes itself with another name, under which its main is a test. */
TEST(execve_gives_arguments_and_environment)
{
    char *variables[] = {"COLOUR=blue", NULL};
    char *self = (char *)auxiliary(AT_EXECFN);
    int ends[2];
    OK(SYSCALL(pipe2, ends, 0));
    long child = OK(fork());
    if (child == 0) {
        OK(SYSCALL(dup3, ends[1], 1, 0));
        SYSCALL(execve, self, ((char *[]){"any name", "no test has this name", NULL}), variables);
        exit_program(1);
    }
    close(ends[1]);
    char output[64] = {0};
    size_t length = 0;
    long count;
    while ((count = OK(read(ends[0], output + length, sizeof output - 1 - length))) > 0)
        length += (size_t)count;
    CHECK_EQ(strcmp(output, "0 passed, 0 failed\n"), 0);
    CHECK_EQ(wait_for(child, NULL, 0), child);
    CHECK_EQ(SYSCALL(execve, "/none", variables, variables), -ENOENT);
    write_file("text", "no program");
    OK(SYSCALL(fchmodat, AT_FDCWD, "text", 0755));
    CHECK_EQ(SYSCALL(execve, "text", variables, variables), -ENOEXEC);
    CHECK_EQ(SYSCALL(execve, "/tmp", variables, variables), -EACCES);
}

/* A file for another machine is none to be executed. */
TEST(execve_refuses_another_machine)
{
    static char header[4096];
    char *none[] = {NULL};
    int fd = (int)OK(open((const char *)auxiliary(AT_EXECFN), O_RDONLY, 0));
    CHECK_EQ(read(fd, header, sizeof header), sizeof header);
    header[18] ^= 0x10;
    int copy = (int)OK(open("other", O_WRONLY | O_CREAT, 0755));
    CHECK(write_all(copy, header, sizeof header));
    OK(close(copy));
    CHECK_EQ(SYSCALL(execve, "other", none, none), -ENOEXEC);
}

TEST(auxiliary_vector)
{
    unsigned long page = auxiliary(AT_PAGESZ);
    CHECK(page >= 4096 && (page & (page - 1)) == 0);
    CHECK(auxiliary(AT_RANDOM) != 0);
    CHECK_EQ(auxiliary(AT_SECURE), 0);
    CHECK(auxiliary(AT_PHDR) > page / 16 && auxiliary(AT_ENTRY) != 0);
    const unsigned char *random = (const unsigned char *)auxiliary(AT_RANDOM);
    int sum = 0;
    for (int i = 0; i < 16; i++)
        sum += random[i];
    CHECK(sum != 0);
}

TEST(name_of_the_machine)
{
    struct system_name name;
    OK(SYSCALL(uname, &name));
    CHECK_EQ(strcmp(name.system, "Linux"), 0);
    CHECK_EQ(strcmp(name.machine, MACHINE_NAME), 0);
}

/* The stack that the kernel gives, and its growth far below. */
static int deep(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth == 0 ? room[0] : deep(depth - 1) + room[0] - (char)depth;
}

TEST(stack_grows) { CHECK_EQ(deep(1000), 0); }
