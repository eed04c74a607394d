/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

enum { LIMIT_SECONDS = 60, MAX_TESTS = 256 };

static struct {
    const char *name;
    test_function function;
} tests[MAX_TESTS];
static int test_count;

void harness_register(const char *name, test_function function)
{
    if (test_count == MAX_TESTS)
        abort();
    tests[test_count].name = name;
    tests[test_count++].function = function;
}

void harness_fail(const char *file, int line, const char *what, const char *detail)
{
    printf("  %s:%d: %s (%s)\n", file, line, what, detail);
    fflush(stdout);
    _exit(99);
}

void harness_fail_number(const char *file, int line, const char *what, long long actual, long long expected, int error)
{
    printf("  %s:%d: %s is %lld (0x%llx) and not %lld (0x%llx), errno %d\n", file, line, what, actual, actual, expected, expected, error);
    fflush(stdout);
    _exit(99);
}

char process_state(pid_t pid)
{
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return 0;
    ssize_t count = read(fd, line, sizeof line - 1);
    close(fd);
    if (count <= 0)
        return 0;
    line[count] = 0;
    /* The name, in parentheses, may hold anything: the state follows its last one (proc(5)). */
    char *end = strrchr(line, ')');
    return end ? end[2] : 0;
}

int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    OK(clock_gettime(clock, &now));
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void write_file(const char *path, const char *content)
{
    int fd = (int)OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    CHECK_EQ(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    OK(close(fd));
}

const char *read_file(const char *path)
{
    static char content[65536];
    size_t length = 0;
    int fd = (int)OK(open(path, O_RDONLY));
    for (;;) {
        ssize_t count = OK(read(fd, content + length, sizeof content - 1 - length));
        if (count == 0)
            break;
        length += (size_t)count;
    }
    OK(close(fd));
    content[length] = 0;
    return content;
}

/* Runs one test in a process group of its own, so that what it leaves behind can be removed. */
static bool run(int index)
{
    char folder[64];
    snprintf(folder, sizeof folder, "/tmp/guest-test-%d-%d", getpid(), index);
    mkdir(folder, 0755);
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0) {
        printf("FAIL %s: fork: %s\n", tests[index].name, strerror(errno));
        return false;
    }
    if (pid == 0) {
        setpgid(0, 0);
        if (chdir(folder) != 0)
            _exit(98);
        tests[index].function();
        fflush(stdout);
        _exit(0);
    }
    int64_t deadline = now_ns(CLOCK_MONOTONIC) + (int64_t)LIMIT_SECONDS * 1000000000;
    int status;
    pid_t ended;
    while ((ended = waitpid(pid, &status, WNOHANG)) == 0 && now_ns(CLOCK_MONOTONIC) < deadline)
        usleep(500);
    if (ended == 0) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    }
    kill(-pid, SIGKILL);
    if (ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        printf("pass %s\n", tests[index].name);
        return true;
    }
    if (ended == 0)
        printf("FAIL %s: not done after %d s\n", tests[index].name, LIMIT_SECONDS);
    else if (ended < 0)
        printf("FAIL %s: waitpid: %s\n", tests[index].name, strerror(errno));
    else if (WIFSIGNALED(status))
        printf("FAIL %s: killed by %s\n", tests[index].name, strsignal(WTERMSIG(status)));
    else
        printf("FAIL %s: exit status %d\n", tests[index].name, WEXITSTATUS(status));
    return false;
}

int main(int argc, char **argv)
{
    int passed = 0, failed = 0;
    for (int i = 0; i < test_count; i++) {
        if (argc > 1 && !strstr(tests[i].name, argv[1]))
            continue;
        if (run(i))
            passed++;
        else
            failed++;
        fflush(stdout);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
