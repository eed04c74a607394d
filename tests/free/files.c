/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

static struct statx status_of(const char *path, int flags)
{
    struct statx status;
    OK(SYSCALL(statx, AT_FDCWD, path, flags, STATX_BASIC_STATS, &status));
    return status;
}

TEST(content_comes_back)
{
    int fd = (int)OK(open("file", O_RDWR | O_CREAT | O_EXCL, 0640));
    CHECK_EQ(write(fd, "hello, world", 12), 12);
    char buffer[32];
    CHECK_EQ(SYSCALL(pread64, fd, buffer, sizeof buffer, 7), 5);
    CHECK_EQ(memcmp(buffer, "world", 5), 0);
    CHECK_EQ(SYSCALL(lseek, fd, -5, SEEK_END), 7);
    CHECK_EQ(SYSCALL(pwrite64, fd, "W", 1, 7), 1);
    CHECK_EQ(read(fd, buffer, sizeof buffer), 5);
    CHECK_EQ(memcmp(buffer, "World", 5), 0);
    CHECK_EQ(open("file", O_RDWR | O_CREAT | O_EXCL, 0640), -EEXIST);
    CHECK_EQ(read(fd, (void *)8, 0), 0);
    CHECK_EQ(SYSCALL(pread64, fd, (void *)8, 4, 0), -EFAULT);
    OK(close(fd));
    CHECK_EQ(close(fd), -EBADF);
}

TEST(vectors_are_one_file)
{
    struct {
        const void *base;
        size_t length;
    } parts[] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
    int fd = (int)OK(open("file", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(SYSCALL(writev, fd, parts, 3), 13);
    CHECK_EQ(strcmp(read_file("file"), "one two three"), 0);
    char first[6], second[32];
    struct {
        void *base;
        size_t length;
    } rooms[] = {{first, 6}, {second, sizeof second}};
    CHECK_EQ(SYSCALL(lseek, fd, 0, SEEK_SET), 0);
    CHECK_EQ(SYSCALL(readv, fd, rooms, 2), 13);
    CHECK_EQ(memcmp(first, "one tw", 6), 0);
    CHECK_EQ(memcmp(second, "o three", 7), 0);
}

TEST(append_goes_to_the_end)
{
    write_file("file", "first\n");
    int fd = (int)OK(open("file", O_WRONLY | O_APPEND, 0));
    OK(SYSCALL(lseek, fd, 0, SEEK_SET));
    CHECK_EQ(write(fd, "second\n", 7), 7);
    CHECK_EQ(strcmp(read_file("file"), "first\nsecond\n"), 0);
}

TEST(attributes)
{
    OK(SYSCALL(umask, 022));
    int fd = (int)OK(open("file", O_RDWR | O_CREAT, 0666));
    OK(SYSCALL(ftruncate, fd, 123457));
    struct statx status = status_of("file", 0);
    CHECK_EQ(status.mode, S_IFREG | 0644);
    CHECK_EQ(status.size, 123457);
    CHECK_EQ(status.links, 1);
    OK(SYSCALL(fchmodat, AT_FDCWD, "file", 0600));
    OK(SYSCALL(linkat, AT_FDCWD, "file", AT_FDCWD, "other", 0));
    status = status_of("other", 0);
    CHECK_EQ(status.mode, S_IFREG | 0600);
    CHECK_EQ(status.links, 2);
    struct statx same;
    OK(SYSCALL(statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &same));
    CHECK_EQ(same.inode, status.inode);
    CHECK_EQ(SYSCALL(statx, AT_FDCWD, "none", 0, STATX_BASIC_STATS, &same), -ENOENT);
    CHECK_EQ(status_of("/dev/null", 0).mode & S_IFMT, S_IFCHR);
}

TEST(names)
{
    write_file("a", "content");
    OK(SYSCALL(symlinkat, "a", AT_FDCWD, "link"));
    char target[16];
    CHECK_EQ(SYSCALL(readlinkat, AT_FDCWD, "link", target, sizeof target), 1);
    CHECK_EQ(target[0], 'a');
    CHECK_EQ(status_of("link", AT_SYMLINK_NOFOLLOW).mode & S_IFMT, S_IFLNK);
    CHECK_EQ(status_of("link", 0).size, 7);
    OK(SYSCALL(renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0));
    CHECK_EQ(open("link", O_RDONLY, 0), -ENOENT);
    OK(SYSCALL(unlinkat, AT_FDCWD, "b", 0));
    CHECK_EQ(SYSCALL(unlinkat, AT_FDCWD, "b", 0), -ENOENT);
}

TEST(directories)
{
    char name[32];
    OK(SYSCALL(mkdirat, AT_FDCWD, "folder", 0755));
    for (int i = 0; i < 100; i++) {
        format(name, sizeof name, "folder/entry-%d", i);
        write_file(name, "");
    }
    int fd = (int)OK(open("folder", O_RDONLY | O_DIRECTORY, 0));
    char entries[1024];
    bool seen[100] = {false};
    int others = 0;
    long count;
    while ((count = OK(SYSCALL(getdents64, fd, entries, sizeof entries))) > 0) {
        for (long at = 0; at < count;) {
            struct directory_entry *entry = (struct directory_entry *)(entries + at);
            at += entry->length;
            if (strncmp(entry->name, "entry-", 6) != 0) {
                others++;
                continue;
            }
            int number = 0;
            for (const char *digit = entry->name + 6; *digit; digit++)
                number = number * 10 + *digit - '0';
            CHECK(!seen[number]);
            seen[number] = true;
        }
    }
    CHECK_EQ(others, 2);
    for (int i = 0; i < 100; i++)
        CHECK(seen[i]);
    CHECK_EQ(SYSCALL(unlinkat, AT_FDCWD, "folder", AT_REMOVEDIR), -ENOTEMPTY);
    OK(SYSCALL(chdir, "folder"));
    char path[128];
    long length = OK(SYSCALL(getcwd, path, sizeof path));
    CHECK_EQ(strcmp(path + length - 8, "/folder"), 0);
    CHECK_EQ(open("entry-5/x", O_RDONLY, 0), -ENOTDIR);
    CHECK_EQ(open(".", O_WRONLY, 0), -EISDIR);
}

TEST(descriptors)
{
    int fd = (int)OK(open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    CHECK_EQ(SYSCALL(fcntl, fd, F_GETFD, 0), FD_CLOEXEC);
    int copy = (int)OK(SYSCALL(dup, fd));
    CHECK_EQ(SYSCALL(fcntl, copy, F_GETFD, 0), 0);
    CHECK_EQ(write(fd, "abc", 3), 3);
    CHECK_EQ(SYSCALL(lseek, copy, 0, SEEK_CUR), 3);
    CHECK_EQ(SYSCALL(dup3, fd, 42, O_CLOEXEC), 42);
    CHECK_EQ(SYSCALL(dup3, fd, fd, 0), -EINVAL);
    OK(SYSCALL(fcntl, fd, F_SETFL, O_APPEND));
    CHECK_EQ(SYSCALL(fcntl, 42, F_GETFL, 0) & (O_APPEND | O_RDWR), O_APPEND | O_RDWR);
    CHECK_EQ(write(99, "x", 1), -EBADF);
}
