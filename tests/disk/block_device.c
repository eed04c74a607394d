/* SPDX-License-Identifier: MPL-2.0 */
/* Block devices: /dev/vdc is an empty disk of 1 MiB, /dev/vdb one that cannot be written. */
#include "harness.h"

#include <linux/fs.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#define DISK "/dev/vdc"
#define READ_ONLY "/dev/vdb"
#define SIZE (1024 * 1024)

static unsigned char pattern(long position, int seed) { return (unsigned char)(position * 31 + (position >> 8) * 7 + seed); }

static void fill(unsigned char *buffer, long position, size_t length, int seed)
{
    for (size_t i = 0; i < length; i++)
        buffer[i] = pattern(position + (long)i, seed);
}

static void check_pattern(const unsigned char *buffer, long position, size_t length, int seed)
{
    for (size_t i = 0; i < length; i++)
        if (buffer[i] != pattern(position + (long)i, seed))
            CHECK_EQ(buffer[i], pattern(position + (long)i, seed));
}

TEST(sizes_by_ioctl)
{
    int fd = OK(open(DISK, O_RDONLY));
    uint64_t bytes = 0;
    unsigned long sectors = 0;
    int block = 0, physical = 0, read_only = -1;
    OK(ioctl(fd, BLKGETSIZE64, &bytes));
    CHECK_EQ(bytes, SIZE);
    OK(ioctl(fd, BLKGETSIZE, &sectors));
    CHECK_EQ(sectors, SIZE / 512);
    OK(ioctl(fd, BLKSSZGET, &block));
    CHECK_EQ(block, 512);
    OK(ioctl(fd, BLKPBSZGET, &physical));
    CHECK_EQ(physical, 512);
    OK(ioctl(fd, BLKROGET, &read_only));
    CHECK_EQ(read_only, 0);
    CHECK_ERRNO(ioctl(fd, BLKGETSIZE64, (void *)8), EFAULT);
    CHECK_ERRNO(ioctl(fd, 0x12ee, 0), ENOTTY);
    OK(ioctl(fd, BLKFLSBUF, 0));
}

TEST(node_and_table)
{
    struct stat status;
    OK(stat(DISK, &status));
    CHECK(S_ISBLK(status.st_mode));
    CHECK_EQ(status.st_size, 0);
    char line[64], expected[64];
    snprintf(expected, sizeof expected, "%4d  %7d %10d vdc\n", major(status.st_rdev), minor(status.st_rdev), SIZE / 1024);
    FILE *table = fopen("/proc/partitions", "r");
    CHECK(table != NULL);
    bool is_found = false;
    while (fgets(line, sizeof line, table))
        is_found |= strcmp(line, expected) == 0;
    CHECK(is_found);
    OK(mknod("nothing", S_IFBLK | 0600, makedev(major(status.st_rdev), 200)));
    CHECK_ERRNO(open("nothing", O_RDONLY), ENXIO);
    OK(mknod("again", S_IFBLK | 0600, status.st_rdev));
    OK(open("again", O_RDONLY));
}

TEST(the_end)
{
    int fd = OK(open(DISK, O_RDWR));
    unsigned char buffer[1024];
    CHECK_EQ(lseek(fd, 0, SEEK_END), SIZE);
    CHECK_EQ(read(fd, buffer, sizeof buffer), 0);
    CHECK_ERRNO(write(fd, buffer, sizeof buffer), ENOSPC);
    CHECK_EQ(write(fd, buffer, 0), 0);
    CHECK_ERRNO(lseek(fd, SIZE + 1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(fd, -1, SEEK_SET), EINVAL);
    CHECK_ERRNO(lseek(fd, 0, SEEK_DATA), EINVAL);
    CHECK_EQ(pread(fd, buffer, sizeof buffer, SIZE - 100), 100);
    CHECK_EQ(pread(fd, buffer, sizeof buffer, SIZE + 5000), 0);
    memset(buffer, 7, sizeof buffer);
    CHECK_EQ(pwrite(fd, buffer, sizeof buffer, SIZE - 100), 100);
    CHECK_ERRNO(pwrite(fd, buffer, sizeof buffer, SIZE), ENOSPC);
    CHECK_ERRNO(ftruncate(fd, 0), EINVAL);
}

TEST(parts_of_blocks_leave_the_rest)
{
    int writer = OK(open(DISK, O_RDWR)), reader = OK(open(DISK, O_RDONLY));
    static unsigned char buffer[400000], seen[500000];
    fill(buffer, 0, sizeof buffer, 1);
    CHECK_EQ(pwrite(writer, buffer, 40960, 0), 40960);
    static const struct { long at; size_t length; } parts[] = { { 777, 1 }, { 1023, 2 }, { 2000, 48 }, { 3000, 5000 }, { 8192, 512 }, { 9216, 700 }, { 12000, 288 } };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fill(buffer, parts[i].at, parts[i].length, 2);
        CHECK_EQ(pwrite(writer, buffer, parts[i].length, parts[i].at), parts[i].length);
    }
    CHECK_EQ(pread(reader, seen, 40960, 0), 40960);
    long position = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        check_pattern(seen + position, position, (size_t)(parts[i].at - position), 1);
        check_pattern(seen + parts[i].at, parts[i].at, parts[i].length, 2);
        position = parts[i].at + (long)parts[i].length;
    }
    check_pattern(seen + position, position, (size_t)(40960 - position), 1);

    /* Longer than one transfer, neither end on a block. */
    fill(buffer, 12345, 390001, 3);
    CHECK_EQ(pwrite(writer, buffer, 390001, 12345), 390001);
    CHECK_EQ(pread(reader, seen, 390001, 12345), 390001);
    check_pattern(seen, 12345, 390001, 3);
    OK(fsync(writer));
    OK(fdatasync(writer));
}

TEST(position_moves)
{
    int fd = OK(open(DISK, O_RDWR));
    unsigned char buffer[1000], seen[1000];
    fill(buffer, 5, sizeof buffer, 4);
    CHECK_EQ(lseek(fd, 5, SEEK_SET), 5);
    CHECK_EQ(write(fd, buffer, 600), 600);
    CHECK_EQ(write(fd, buffer + 600, 400), 400);
    CHECK_EQ(lseek(fd, -1000, SEEK_CUR), 5);
    CHECK_EQ(read(fd, seen, 1), 1);
    CHECK_EQ(read(fd, seen + 1, 999), 999);
    check_pattern(seen, 5, 1000, 4);
}

TEST(direct_transfers_are_of_blocks)
{
    int fd = OK(open(DISK, O_RDWR | O_DIRECT));
    unsigned char *buffer = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(buffer != MAP_FAILED);
    fill(buffer, 65536, 8192, 5);
    CHECK_EQ(pwrite(fd, buffer, 8192, 65536), 8192);
    CHECK_ERRNO(pwrite(fd, buffer, 100, 65536), EINVAL);
    CHECK_ERRNO(pread(fd, buffer, 512, 65536 + 1), EINVAL);
    CHECK_ERRNO(pread(fd, buffer + 1, 512, 65536), EINVAL);
    CHECK_ERRNO(pwrite(fd, buffer + 256, 512, 65536), EINVAL);
    CHECK_EQ(pread(fd, buffer + 512, 512, 65536), 512);
    struct iovec parts[] = {{buffer, 512}, {buffer + 1100, 512}};
    CHECK_ERRNO(preadv(fd, parts + 1, 1, 65536), EINVAL);
    /* Where nothing can be transferred, nothing is looked at. */
    CHECK_EQ(pread(fd, buffer + 1, 100, SIZE), 0);
    CHECK_ERRNO(pwrite(fd, buffer + 1, 100, SIZE), ENOSPC);
    CHECK_EQ(pread(fd, buffer + 1, 0, 1), 0);
    CHECK_EQ(pread(fd, buffer, 1024, SIZE - 512), 512);
    memset(buffer, 0, 8192);
    CHECK_EQ(pread(fd, buffer, 8192, 65536), 8192);
    check_pattern(buffer, 65536, 8192, 5);
}

TEST(faults)
{
    int fd = OK(open(DISK, O_RDWR));
    unsigned char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    OK(mprotect(pages + 4096, 4096, PROT_NONE));
    CHECK_ERRNO(pread(fd, pages + 4096, 512, 0), EFAULT);
    CHECK_ERRNO(pwrite(fd, pages + 4096, 512, 0), EFAULT);
    fill(pages, 100000, 4096, 6);
    /* A short write, or none: what is said to be written is there, and what follows is as it was. */
    unsigned char seen[8192];
    unsigned char before[8192];
    CHECK_EQ(pread(fd, before, 8192, 100000), 8192);
    long long count = pwrite(fd, pages, 8192, 100000);
    CHECK(count == 4096 || (count == -1 && errno == EFAULT));
    CHECK_EQ(pread(fd, seen, 8192, 100000), 8192);
    if (count == 4096)
        check_pattern(seen, 100000, 4096, 6);
    CHECK(memcmp(seen + 4096, before + 4096, 4096) == 0);
}

TEST(a_read_only_disk)
{
    int fd = OK(open(READ_ONLY, O_RDWR));
    int read_only = 0;
    char buffer[512] = { 0 };
    OK(ioctl(fd, BLKROGET, &read_only));
    CHECK_EQ(read_only, 1);
    CHECK_EQ(pread(fd, buffer, 512, 0), 512);
    CHECK_ERRNO(pwrite(fd, buffer, 512, 0), EPERM);
    OK(fsync(fd));
}

enum { WRITERS = 4, ROUNDS = 200, PART = 128 };

static void *write_part(void *argument)
{
    long part = (long)argument;
    int fd = OK(open(DISK, O_RDWR));
    unsigned char buffer[PART], seen[PART];
    for (int round = 0; round < ROUNDS; round++) {
        memset(buffer, (int)(part * 50 + round % 50), PART);
        CHECK_EQ(pwrite(fd, buffer, PART, 524288 + part * PART), PART);
        CHECK_EQ(pread(fd, seen, PART, 524288 + part * PART), PART);
        CHECK(memcmp(buffer, seen, PART) == 0);
    }
    return NULL;
}

/* Each writes its part of the same block: nobody undoes what another has written. */
TEST(writers_in_one_block)
{
    pthread_t threads[WRITERS];
    for (long i = 0; i < WRITERS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, write_part, (void *)i), 0);
    for (int i = 0; i < WRITERS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}
