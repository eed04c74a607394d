/* SPDX-License-Identifier: MPL-2.0 */
/* Regular files: open(2), read(2), write(2), lseek(2), pread(2), readv(2), truncate(2), dup(2), fcntl(2), copy_file_range(2), sendfile(2). */
#include "harness.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

TEST(open_flags)
{
    CHECK_ERRNO(open("f", O_RDONLY), ENOENT);
    int fd = (int)OK(open("f", O_RDWR | O_CREAT | O_EXCL, 0640));
    CHECK_ERRNO(open("f", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST);
    struct stat st;
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_mode, S_IFREG | 0640);
    CHECK_EQ(st.st_nlink, 1);
    CHECK_EQ(st.st_size, 0);
    CHECK_ERRNO(open("f/x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
    CHECK_ERRNO(open("", O_RDONLY), ENOENT);
    CHECK_ERRNO(open(".", O_WRONLY), EISDIR);
    CHECK_ERRNO(open(".", O_RDWR | O_CREAT, 0644), EISDIR);
    CHECK_ERRNO(open("missing/f", O_CREAT | O_WRONLY, 0644), ENOENT);
}

TEST(read_write_seek)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(write(fd, "hello world", 11), 11);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 11);
    CHECK_EQ(lseek(fd, 6, SEEK_SET), 6);
    char buffer[32] = {0};
    CHECK_EQ(read(fd, buffer, sizeof buffer), 5);
    CHECK_STR(buffer, "world");
    CHECK_EQ(read(fd, buffer, sizeof buffer), 0);
    CHECK_EQ(lseek(fd, -3, SEEK_END), 8);
    CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(fd, 0, 99), EINVAL);
    CHECK_EQ(lseek(fd, 100, SEEK_SET), 100);
    CHECK_EQ(write(fd, "x", 1), 1);
    struct stat st;
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_size, 101);
    CHECK_EQ(pread(fd, buffer, 4, 50), 4);
    CHECK(memcmp(buffer, "\0\0\0\0", 4) == 0);
}

TEST(access_modes)
{
    write_file("f", "data");
    char c;
    int r = (int)OK(open("f", O_RDONLY));
    CHECK_ERRNO(write(r, "x", 1), EBADF);
    CHECK_ERRNO(ftruncate(r, 0), EINVAL);
    int w = (int)OK(open("f", O_WRONLY));
    CHECK_ERRNO(read(w, &c, 1), EBADF);
    CHECK_ERRNO(read(-1, &c, 1), EBADF);
    CHECK_ERRNO(read(1000, &c, 1), EBADF);
    int d = (int)OK(open(".", O_RDONLY));
    CHECK_ERRNO(read(d, &c, 1), EISDIR);
    int p = (int)OK(open("f", O_PATH));
    CHECK_ERRNO(read(p, &c, 1), EBADF);
}

TEST(append)
{
    int a = (int)OK(open("f", O_WRONLY | O_CREAT | O_APPEND, 0644));
    int b = (int)OK(open("f", O_WRONLY | O_APPEND));
    for (int i = 0; i < 10; i++) {
        CHECK_EQ(write(a, "a", 1), 1);
        CHECK_EQ(write(b, "b", 1), 1);
    }
    CHECK_STR(read_file("f"), "abababababababababab");
    OK(lseek(a, 0, SEEK_SET));
    CHECK_EQ(write(a, "!", 1), 1);
    CHECK_EQ(lseek(a, 0, SEEK_CUR), 21);
}

TEST(pread_pwrite)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(pwrite(fd, "abc", 3, 10), 3);
    CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
    char buffer[4] = {0};
    CHECK_EQ(pread(fd, buffer, 3, 10), 3);
    CHECK_STR(buffer, "abc");
    CHECK_EQ(pread(fd, buffer, 3, 100), 0);
    CHECK_ERRNO(pread(fd, buffer, 3, -1), EINVAL);
    int p[2];
    OK(pipe(p));
    CHECK_ERRNO(pread(p[0], buffer, 1, 0), ESPIPE);
}

TEST(vectors)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    struct iovec out[3] = {{"one", 3}, {"", 0}, {"three", 5}};
    CHECK_EQ(writev(fd, out, 3), 8);
    OK(lseek(fd, 0, SEEK_SET));
    char a[2], b[10] = {0};
    struct iovec in[2] = {{a, 2}, {b, 9}};
    CHECK_EQ(readv(fd, in, 2), 8);
    CHECK(memcmp(a, "on", 2) == 0);
    CHECK_STR(b, "ethree");
    CHECK_ERRNO(readv(fd, in, -1), EINVAL);
    CHECK_ERRNO(readv(fd, in, 1025), EINVAL);
    in[1].iov_len = (size_t)-1;
    CHECK_ERRNO(readv(fd, in, 2), EINVAL);
    CHECK_EQ(preadv(fd, (struct iovec[]){{b, 3}}, 1, 2), 3);
    CHECK_EQ(pwritev(fd, (struct iovec[]){{"XY", 2}}, 1, 0), 2);
    CHECK_STR(read_file("f"), "XYethree");
}

TEST(truncate_file)
{
    write_file("f", "0123456789");
    OK(truncate("f", 4));
    CHECK_STR(read_file("f"), "0123");
    int fd = (int)OK(open("f", O_RDWR));
    OK(ftruncate(fd, 6));
    char buffer[8];
    CHECK_EQ(pread(fd, buffer, 8, 0), 6);
    CHECK(memcmp(buffer, "0123\0\0", 6) == 0);
    CHECK_ERRNO(ftruncate(fd, -1), EINVAL);
    CHECK_ERRNO(truncate(".", 0), EISDIR);
    CHECK_ERRNO(truncate("missing", 0), ENOENT);
    /* What was cut off doesn't come back. */
    OK(ftruncate(fd, 1));
    OK(ftruncate(fd, 4));
    CHECK_EQ(pread(fd, buffer, 8, 0), 4);
    CHECK(memcmp(buffer, "0\0\0\0", 4) == 0);
    OK(close(OK(open("f", O_WRONLY | O_TRUNC))));
    CHECK_STR(read_file("f"), "");
}

TEST(duplicates)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    int copy = (int)OK(dup(fd));
    CHECK_EQ(write(fd, "abc", 3), 3);
    CHECK_EQ(lseek(copy, 0, SEEK_CUR), 3);
    CHECK_EQ(dup2(fd, 50), 50);
    CHECK_EQ(dup2(50, 50), 50);
    CHECK_ERRNO(dup2(fd, -1), EBADF);
    CHECK_ERRNO(dup2(77, 78), EBADF);
    CHECK_ERRNO(dup3(fd, fd, 0), EINVAL);
    CHECK_EQ(dup3(fd, 51, O_CLOEXEC), 51);
    CHECK_EQ(fcntl(51, F_GETFD), FD_CLOEXEC);
    CHECK_EQ(fcntl(50, F_GETFD), 0);
    CHECK_EQ(fcntl(fd, F_DUPFD, 60), 60);
    CHECK_EQ(fcntl(fd, F_DUPFD, 60), 61);
    CHECK_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 60), 62);
    CHECK_EQ(fcntl(62, F_GETFD), FD_CLOEXEC);
    OK(close(60));
    CHECK_ERRNO(close(60), EBADF);
}

TEST(lowest_descriptor)
{
    int a = (int)OK(open("/dev/null", O_RDONLY));
    int b = (int)OK(open("/dev/null", O_RDONLY));
    OK(close(a));
    CHECK_EQ(open("/dev/null", O_RDONLY), a);
    OK(close(b));
}

TEST(status_flags)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
    OK(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
    CHECK_EQ(fcntl(fd, F_GETFL) & (O_APPEND | O_NONBLOCK), O_APPEND | O_NONBLOCK);
    int copy = (int)OK(dup(fd));
    CHECK_EQ(fcntl(copy, F_GETFL) & O_APPEND, O_APPEND);
    CHECK_ERRNO(fcntl(fd, 9999), EINVAL);
}

TEST(record_locks)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
    OK(fcntl(fd, F_SETLK, &lock));
    CHECK_CHILD({
        struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 5, .l_len = 10};
        CHECK(fcntl(fd, F_SETLK, &other) == -1 && (errno == EAGAIN || errno == EACCES));
        OK(fcntl(fd, F_GETLK, &other));
        CHECK_EQ(other.l_type, F_WRLCK);
        CHECK_EQ(other.l_pid, getppid());
        other = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 10};
        OK(fcntl(fd, F_SETLK, &other));
    });
    lock.l_type = F_UNLCK;
    OK(fcntl(fd, F_SETLK, &lock));
}

TEST(copy_between_files)
{
    write_file("from", "0123456789");
    int from = (int)OK(open("from", O_RDONLY)), to = (int)OK(open("to", O_RDWR | O_CREAT, 0644));
    CHECK_EQ(sendfile(to, from, NULL, 4), 4);
    off_t offset = 8;
    CHECK_EQ(sendfile(to, from, &offset, 100), 2);
    CHECK_EQ(offset, 10);
    CHECK_EQ(lseek(from, 0, SEEK_CUR), 4);
    CHECK_STR(read_file("to"), "012389");
    ssize_t copied = copy_file_range(from, NULL, to, NULL, 3, 0);
    if (copied == -1)
        CHECK(errno == ENOSYS || errno == EXDEV);
    else
        CHECK_EQ(copied, 3);
}

TEST(large_file)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    enum { CHUNK = 64 * 1024, COUNT = 128 };
    static unsigned char block[CHUNK], back[CHUNK];
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < CHUNK; j++)
            block[j] = (unsigned char)(i * 7 + j);
        CHECK_EQ(write(fd, block, CHUNK), CHUNK);
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        for (int j = 0; j < CHUNK; j++)
            block[j] = (unsigned char)(i * 7 + j);
        CHECK_EQ(pread(fd, back, CHUNK, (off_t)i * CHUNK), CHUNK);
        CHECK(memcmp(block, back, CHUNK) == 0);
    }
}

TEST(unlinked_file_stays_usable)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(unlink("f"));
    CHECK_EQ(write(fd, "abc", 3), 3);
    struct stat st;
    OK(fstat(fd, &st));
    CHECK_EQ(st.st_nlink, 0);
    CHECK_EQ(st.st_size, 3);
    CHECK_ERRNO(access("f", F_OK), ENOENT);
}

TEST(temporary_file)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd == -1) {
        CHECK(errno == EOPNOTSUPP || errno == EISDIR);
        return;
    }
    CHECK_EQ(write(fd, "x", 1), 1);
}

TEST(bad_buffers)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    CHECK_ERRNO(write(fd, (void *)8, 10), EFAULT);
    CHECK_EQ(write(fd, "0123456789", 10), 10);
    OK(lseek(fd, 0, SEEK_SET));
    CHECK_ERRNO(read(fd, (void *)8, 10), EFAULT);
    CHECK_ERRNO(read(fd, (void *)0xffffffff80000000ul, 10), EFAULT);
    CHECK_ERRNO(open((char *)8, O_RDONLY), EFAULT);
    CHECK_EQ(read(fd, NULL, 0), 0);
    /* A buffer whose second page is missing: what fits is transferred. */
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    OK(munmap(pages + 4096, 4096));
    CHECK_ERRNO(stat(".", (struct stat *)(pages + 4090)), EFAULT);
}

TEST(file_times)
{
    write_file("f", "x");
    struct timespec times[2] = {{1000, 5}, {2000, 7}};
    OK(utimensat(AT_FDCWD, "f", times, 0));
    struct stat st;
    OK(stat("f", &st));
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK_EQ(st.st_mtim.tv_sec, 2000);
    CHECK_EQ(st.st_mtim.tv_nsec, 7);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_nsec = UTIME_NOW;
    OK(utimensat(AT_FDCWD, "f", times, 0));
    OK(stat("f", &st));
    CHECK_EQ(st.st_atim.tv_sec, 1000);
    CHECK(st.st_mtim.tv_sec > 1000000000);
    times[0].tv_nsec = 1000000000;
    CHECK_ERRNO(utimensat(AT_FDCWD, "f", times, 0), EINVAL);
    OK(utimensat(AT_FDCWD, "f", (struct timespec[]){{1, 0}, {1, 0}}, 0));
    int fd = (int)OK(open("f", O_WRONLY));
    CHECK_EQ(write(fd, "y", 1), 1);
    OK(stat("f", &st));
    CHECK(st.st_mtim.tv_sec > 1000000000);
}

TEST(file_size_limit)
{
    signal(SIGXFSZ, SIG_IGN);
    struct { unsigned long soft, hard; } limit = {100, 100};
    OK(syscall(SYS_setrlimit, 1 /* RLIMIT_FSIZE */, &limit));
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    static char block[200];
    CHECK_EQ(write(fd, block, 200), 100);
    CHECK_ERRNO(write(fd, block, 1), EFBIG);
    CHECK_ERRNO(ftruncate(fd, 1000), EFBIG);
}

TEST(statx_fields)
{
    write_file("f", "hello");
    struct statx stx;
    OK(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &stx));
    CHECK_EQ(stx.stx_size, 5);
    CHECK_EQ(stx.stx_mode, S_IFREG | 0644);
    CHECK_EQ(stx.stx_mask & STATX_BASIC_STATS, STATX_BASIC_STATS);
    CHECK_ERRNO(statx(AT_FDCWD, "missing", 0, STATX_BASIC_STATS, &stx), ENOENT);
    int fd = (int)OK(open("f", O_RDONLY));
    OK(statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &stx));
    CHECK_EQ(stx.stx_size, 5);
    CHECK_ERRNO(statx(AT_FDCWD, "f", 0x40000000, STATX_SIZE, &stx), EINVAL);
}
