/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

enum { LIMIT_SECONDS = 60, MAX_TESTS = 128, FAILED = 99 };

static struct {
    const char *name;
    test_function function;
} tests[MAX_TESTS];
static int test_count;

void harness_register(const char *name, test_function function)
{
    if (test_count == MAX_TESTS)
        exit_program(FAILED);
    tests[test_count].name = name;
    tests[test_count++].function = function;
}

void harness_fail(const char *file, int line, const char *what)
{
    print("  %s:%d: %s\n", file, line, what);
    exit_program(FAILED);
}

void harness_fail_number(const char *file, int line, const char *what, long long actual, long long expected)
{
    print("  %s:%d: %s is %lld (0x%llx) and not %lld (0x%llx)\n", file, line, what, actual, (unsigned long long)actual, expected, (unsigned long long)expected);
    exit_program(FAILED);
}

void sleep_milliseconds(long count)
{
    struct timespec time = {count / 1000, count % 1000 * 1000000};
    SYSCALL(nanosleep, &time, 0);
}

int64_t now_ns(int clock)
{
    struct timespec now;
    OK(SYSCALL(clock_gettime, clock, &now));
    return now.seconds * 1000000000 + now.nanoseconds;
}

void write_file(const char *path, const char *content)
{
    int fd = (int)OK(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    CHECK(write_all(fd, content, strlen(content)));
    OK(close(fd));
}

const char *read_file(const char *path)
{
    static char content[65536];
    size_t length = 0;
    int fd = (int)OK(open(path, O_RDONLY, 0));
    long count;
    while ((count = OK(read(fd, content + length, sizeof content - 1 - length))) > 0)
        length += (size_t)count;
    OK(close(fd));
    content[length] = 0;
    return content;
}

char process_state(long pid)
{
    char path[64], line[512];
    format(path, sizeof path, "/proc/%ld/stat", pid);
    long fd = open(path, O_RDONLY, 0);
    if (fd < 0)
        return 0;
    long count = read((int)fd, line, sizeof line - 1);
    close((int)fd);
    if (count <= 0)
        return 0;
    line[count] = 0;
    /* The name, in parentheses, may hold anything: the state follows its last one (proc(5)). */
    char state = 0;
    for (const char *at = line; (at = strchr(at, ')')); at++)
        if (at[1] == ' ')
            state = at[2];
    return state;
}

int harness_count(void) { return test_count; }

/* Removes a file, or a folder with all in it. */
static void remove_tree(int parent, const char *name)
{
    char room[2048] __attribute__((aligned(8)));
    if (SYSCALL(unlinkat, parent, name, 0) == 0)
        return;
    long folder = SYSCALL(openat, parent, name, O_RDONLY | O_DIRECTORY, 0);
    if (folder < 0)
        return;
    for (long size; (size = SYSCALL(getdents64, folder, room, sizeof room)) > 0;) {
        for (long at = 0; at < size; at += ((struct directory_entry *)(room + at))->length) {
            const char *entry = ((struct directory_entry *)(room + at))->name;
            if (strcmp(entry, ".") != 0 && strcmp(entry, "..") != 0)
                remove_tree((int)folder, entry);
        }
    }
    close((int)folder);
    SYSCALL(unlinkat, parent, name, AT_REMOVEDIR);
}

/* In a process group of its own, so that what it leaves behind can be removed. */
bool harness_run(int index)
{
    char folder[64];
    format(folder, sizeof folder, "/tmp/free-test-%ld-%d", SYSCALL(getpid), index);
    SYSCALL(mkdirat, AT_FDCWD, folder, 0755);
    long pid = fork();
    if (pid < 0) {
        print("FAIL %s: fork: error %ld\n", tests[index].name, -pid);
        return false;
    }
    if (pid == 0) {
        SYSCALL(setpgid, 0, 0);
        if (SYSCALL(chdir, folder) != 0)
            exit_program(98);
        tests[index].function();
        exit_program(0);
    }
    int64_t deadline = now_ns(CLOCK_MONOTONIC) + (int64_t)LIMIT_SECONDS * 1000000000;
    int status;
    long ended;
    while ((ended = wait_for(pid, &status, WNOHANG)) == 0 && now_ns(CLOCK_MONOTONIC) < deadline)
        sleep_milliseconds(1);
    if (ended == 0) {
        SYSCALL(kill, pid, SIGKILL);
        wait_for(pid, &status, 0);
    }
    SYSCALL(kill, -pid, SIGKILL);
    remove_tree(AT_FDCWD, folder);
    if (ended == pid && status == 0)
        return true;
    if (ended == 0)
        print("FAIL %s: not done after %d s\n", tests[index].name, LIMIT_SECONDS);
    else if (ended < 0)
        print("FAIL %s: wait4: error %ld\n", tests[index].name, -ended);
    else if (!has_exited(status))
        print("FAIL %s: killed by signal %d\n", tests[index].name, death_signal(status));
    else
        print("FAIL %s: exit status %d\n", tests[index].name, exit_status(status));
    return false;
}

int harness_main(int count, char **arguments)
{
    int passed = 0, failed = 0;
    for (int i = 0; i < test_count; i++) {
        if (count > 1 && !strstr(tests[i].name, arguments[1]))
            continue;
        if (harness_run(i)) {
            print("pass %s\n", tests[i].name);
            passed++;
        } else {
            failed++;
        }
    }
    print("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
