/* SPDX-License-Identifier: MPL-2.0 */
/* The process file system and other system information: proc(5), uname(2), sysinfo(2), getrandom(2), mount(2). */
#include "harness.h"

#include <dirent.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static long status_number(const char *field)
{
    const char *status = read_file("/proc/self/status");
    const char *line = strstr(status, field);
    CHECK(line != NULL);
    return strtol(line + strlen(field), NULL, 10);
}

TEST(stat_of_a_process)
{
    int pid, parent, group, session;
    char name[64], state;
    CHECK_EQ(sscanf(read_file("/proc/self/stat"), "%d (%63[^)]) %c %d %d %d", &pid, name, &state, &parent, &group, &session), 6);
    CHECK_EQ(pid, getpid());
    CHECK_STR(name, "procfs");
    CHECK_EQ(state, 'R');
    CHECK_EQ(parent, getppid());
    CHECK_EQ(group, getpgrp());
    CHECK_EQ(session, getsid(0));
    int fields = 1;
    for (const char *at = read_file("/proc/self/stat"); *at; at++)
        fields += *at == ' ';
    CHECK_EQ(fields, 52);
}

TEST(status_of_a_process)
{
    CHECK_EQ(status_number("\nPid:\t"), getpid());
    CHECK_EQ(status_number("\nTgid:\t"), getpid());
    CHECK_EQ(status_number("\nPPid:\t"), getppid());
    CHECK_EQ(status_number("\nUid:\t"), 0);
    CHECK_EQ(status_number("\nThreads:\t"), 1);
    CHECK(status_number("\nVmRSS:\t") > 0);
}

TEST(command_line_and_environment)
{
    CHECK_CHILD({
        OK(setenv("MARK", "here", 1));
        if (fork() == 0)
            execl("/bin/sh", "sh", "-c", "tr '\\0' '|' </proc/$$/cmdline >c; tr '\\0' '\\n' </proc/$$/environ | grep MARK >e", "zero", "arg", NULL);
        wait(NULL);
    });
    CHECK(strstr(read_file("c"), "|zero|arg|") != NULL);
    CHECK_STR(read_file("e"), "MARK=here\n");
}

TEST(links)
{
    char target[256] = {0}, cwd[256];
    OK(readlink("/proc/self", target, sizeof target));
    CHECK_EQ(atoi(target), getpid());
    memset(target, 0, sizeof target);
    OK(readlink("/proc/self/cwd", target, sizeof target));
    CHECK(getcwd(cwd, sizeof cwd) != NULL);
    CHECK_STR(target, cwd);
    memset(target, 0, sizeof target);
    OK(readlink("/proc/self/exe", target, sizeof target));
    CHECK_STR(target, "/osdk/guest/procfs");
    memset(target, 0, sizeof target);
    OK(readlink("/proc/self/root", target, sizeof target));
    CHECK_STR(target, "/");
    OK(readlink("/proc/thread-self", target, sizeof target));
}

TEST(descriptors)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(write(fd, "hello", 5), 5);
    char path[64], target[256] = {0}, cwd[256];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    OK(readlink(path, target, sizeof target));
    CHECK(getcwd(cwd, sizeof cwd) != NULL);
    strcat(cwd, "/f");
    CHECK_STR(target, cwd);
    OK(unlink("f"));
    int again = (int)OK(open(path, O_RDONLY));
    char buffer[8] = {0};
    CHECK_EQ(read(again, buffer, sizeof buffer), 5);
    CHECK_STR(buffer, "hello");
    memset(target, 0, sizeof target);
    OK(readlink(path, target, sizeof target));
    CHECK(strstr(target, "/f (deleted)") != NULL);
    int p[2];
    OK(pipe(p));
    snprintf(path, sizeof path, "/proc/self/fd/%d", p[0]);
    memset(target, 0, sizeof target);
    OK(readlink(path, target, sizeof target));
    CHECK(strncmp(target, "pipe:[", 6) == 0);
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    CHECK(strstr(read_file(path), "pos:\t5\n") != NULL);
}

TEST(maps)
{
    char *memory = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    OK(mprotect(memory + 4096, 4096, PROT_READ | PROT_WRITE));
    char expected[64];
    snprintf(expected, sizeof expected, "%lx-%lx rw-p ", (long)memory + 4096, (long)memory + 8192);
    const char *maps = read_file("/proc/self/maps");
    CHECK(strstr(maps, expected) != NULL);
    CHECK(strstr(maps, "/osdk/guest/procfs\n") != NULL);
    CHECK(strstr(maps, "[stack]\n") != NULL);
}

TEST(dead_process)
{
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        _exit(0);
    AWAIT(process_state(child) == 'Z');
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/cmdline", child);
    CHECK_STR(read_file(path), "");
    int directory = (int)OK(open("/proc/self", O_RDONLY));
    OK(waitpid(child, NULL, 0));
    CHECK_ERRNO(open(path, O_RDONLY), ENOENT);
    OK(close(directory));
}

TEST(an_open_file_of_a_dead_process)
{
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        for (;;)
            pause();
    char path[64], buffer[64];
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    int fd = (int)OK(open(path, O_RDONLY));
    OK(kill(child, SIGKILL));
    OK(waitpid(child, NULL, 0));
    CHECK_ERRNO(read(fd, buffer, sizeof buffer), ESRCH);
}

TEST(processes_are_listed)
{
    DIR *directory = opendir("/proc");
    CHECK(directory != NULL);
    bool init = false, me = false;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        init |= atoi(entry->d_name) == 1;
        me |= atoi(entry->d_name) == getpid();
    }
    CHECK(init && me);
    closedir(directory);
}

TEST(small_reads)
{
    int fd = (int)OK(open("/proc/meminfo", O_RDONLY));
    char whole[65536] = {0};
    size_t length = 0;
    ssize_t count;
    while ((count = OK(read(fd, whole + length, 7))) > 0)
        length += (size_t)count;
    CHECK(strncmp(whole, "MemTotal:", 9) == 0);
    CHECK(whole[length - 1] == '\n');
    OK(lseek(fd, 0, SEEK_SET));
    char first[9];
    CHECK_EQ(read(fd, first, 9), 9);
    CHECK(memcmp(first, "MemTotal:", 9) == 0);
}

TEST(system_names)
{
    struct utsname name;
    OK(uname(&name));
    CHECK_STR(name.sysname, "Linux");
#ifdef __riscv
    CHECK_STR(name.machine, "riscv64");
#else
    CHECK_STR(name.machine, "x86_64");
#endif
    CHECK(atoi(name.release) >= 4);
    CHECK_ERRNO(syscall(SYS_uname, 8), EFAULT);
    OK(sethostname("other", 5));
    OK(uname(&name));
    CHECK_STR(name.nodename, "other");
    OK(sethostname("asterion", 8));
    char large[100] = {0};
    CHECK_ERRNO(sethostname(large, 65), EINVAL);
}

TEST(system_numbers)
{
    struct sysinfo info;
    OK(sysinfo(&info));
    CHECK(info.totalram > 0 && info.freeram < info.totalram);
    CHECK(info.procs >= 2);
    CHECK(info.mem_unit > 0);
    double up, idle;
    CHECK_EQ(sscanf(read_file("/proc/uptime"), "%lf %lf", &up, &idle), 2);
    CHECK(labs((long)up - info.uptime) <= 2);
}

TEST(random_bytes)
{
    unsigned char a[64] = {0}, b[64] = {0};
    CHECK_EQ(getrandom(a, sizeof a, 0), sizeof a);
    CHECK_EQ(getrandom(b, sizeof b, GRND_NONBLOCK), sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);
    CHECK_ERRNO(getrandom(a, sizeof a, 0x1234), EINVAL);
    CHECK_ERRNO(getrandom((void *)8, 10, 0), EFAULT);
}

TEST(mounts)
{
    OK(mkdir("m", 0755));
    OK(mount("none", "m", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700"));
    struct stat st;
    OK(stat("m", &st));
    CHECK_EQ(st.st_mode & 07777, 0700);
    write_file("m/f", "x");
    CHECK_ERRNO(rename("m/f", "f"), EXDEV);
    CHECK_ERRNO(link("m/f", "f"), EXDEV);
    CHECK_ERRNO(rmdir("m"), EBUSY);
    CHECK(strstr(read_file("/proc/mounts"), "/m tmpfs rw,nosuid,nodev") != NULL);
    int fd = (int)OK(open("m/f", O_RDONLY));
    CHECK_ERRNO(umount("m"), EBUSY);
    OK(umount2("m", MNT_DETACH));
    char c;
    CHECK_EQ(read(fd, &c, 1), 1);
    CHECK_ERRNO(access("m/f", F_OK), ENOENT);
    CHECK_ERRNO(umount("m"), EINVAL);
    CHECK_ERRNO(mount("none", "m", "no-such-fs", 0, NULL), ENODEV);
    CHECK_ERRNO(mount("none", "missing", "tmpfs", 0, NULL), ENOENT);
    CHECK_CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(mount("none", "m", "tmpfs", 0, NULL), EPERM);
        CHECK_ERRNO(umount("/proc"), EPERM);
    });
}

TEST(full_file_system)
{
    OK(mkdir("m", 0755));
    OK(mount("none", "m", "tmpfs", 0, "size=64k"));
    int fd = (int)OK(open("m/f", O_WRONLY | O_CREAT, 0644));
    static char block[65536 * 2];
    ssize_t written = OK(write(fd, block, sizeof block));
    CHECK(written > 0 && written <= 65536);
    CHECK_ERRNO(write(fd, block, sizeof block), ENOSPC);
    OK(close(fd));
    OK(unlink("m/f"));
    fd = (int)OK(open("m/g", O_WRONLY | O_CREAT, 0644));
    CHECK_EQ(write(fd, block, 32768), 32768);
    OK(close(fd));
    OK(umount("m"));
}
