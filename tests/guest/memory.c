/* SPDX-License-Identifier: MPL-2.0 */
/* Memory: mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), madvise(2), msync(2), mincore(2). */
#include "harness.h"

/* Far from a program and its heap, and from the stack. */
#define UNMAPPED ((void *)0x100000000)

enum { PAGE = 4096 };

static char *map(size_t size, int protection, int flags)
{
    char *memory = mmap(NULL, size, protection, flags, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Whether an access of this kind is a fault, found out in a child. */
static int access_signal(volatile char *address, bool is_write)
{
    int status = CHILD({
        if (is_write)
            *address = 1;
        else
            (void)*address;
    });
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST(anonymous_memory_is_zero)
{
    char *memory = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    for (int i = 0; i < 64 * PAGE; i++)
        CHECK(memory[i] == 0);
    memset(memory, 0x5a, 64 * PAGE);
    OK(munmap(memory, 64 * PAGE));
    CHECK_EQ(access_signal(memory, false), SIGSEGV);
    OK(munmap(memory, 64 * PAGE));
}

TEST(argument_errors)
{
    int fd = (int)OK(open("f", O_RDONLY | O_CREAT, 0644));
    CHECK_ERRNO(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0), EBADF);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1), EINVAL);
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, fd, 0), EACCES);
    CHECK_ERRNO(mmap(NULL, (size_t)1 << 62, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    CHECK_ERRNO(mmap((void *)1, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), EINVAL);
    CHECK_ERRNO(mmap((void *)0xffffffff80000000ul, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), ENOMEM);
    CHECK_ERRNO(munmap((void *)1, PAGE), EINVAL);
    CHECK_ERRNO(munmap((void *)PAGE, 0), EINVAL);
    CHECK_ERRNO(mprotect((void *)1, PAGE, PROT_READ), EINVAL);
    CHECK_ERRNO(mprotect(UNMAPPED, PAGE, PROT_READ), ENOMEM);
    int p[2];
    OK(pipe(p));
    CHECK_ERRNO(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, p[0], 0), ENODEV);
}

TEST(private_file_mapping)
{
    write_file("f", "file content");
    int fd = (int)OK(open("f", O_RDWR));
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(memory != MAP_FAILED);
    CHECK(memcmp(memory, "file content\0\0", 14) == 0);
    memory[0] = 'F';
    CHECK_STR(read_file("f"), "file content");
    OK(close(fd));
    CHECK(memory[5] == 'c');
    CHECK_CHILD({
        CHECK(memory[0] == 'F');
        memory[1] = 'X';
    });
    CHECK(memory[1] == 'i');
}

TEST(shared_file_mapping)
{
    write_file("f", "0123456789");
    int fd = (int)OK(open("f", O_RDWR));
    char *a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *b = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(a != MAP_FAILED && b != MAP_FAILED);
    a[3] = 'x';
    CHECK(b[3] == 'x');
    OK(msync(a, PAGE, MS_SYNC));
    CHECK_STR(read_file("f"), "012x456789");
    CHECK_EQ(pwrite(fd, "y", 1, 4), 1);
    CHECK(b[4] == 'y');
    CHECK_CHILD(a[5] = 'z');
    CHECK(b[5] == 'z');
    /* Bytes behind the end, in the last page, are not the file's. */
    a[100] = 'q';
    CHECK_EQ(lseek(fd, 0, SEEK_END), 10);
}

TEST(shared_anonymous_memory)
{
    volatile int *shared = (int *)map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
    CHECK_CHILD(*shared = 42);
    CHECK_EQ(*shared, 42);
}

TEST(copy_on_write)
{
    enum { SIZE = 256 * PAGE };
    char *memory = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    memset(memory, 'p', SIZE);
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = (pid_t)OK(fork());
        if (children[i] == 0) {
            for (int j = i; j < 256; j += 4)
                memory[j * PAGE] = (char)('0' + i);
            for (int j = 0; j < 256; j++)
                CHECK_EQ(memory[j * PAGE], j % 4 == i ? '0' + i : 'p');
            _exit(0);
        }
    }
    for (int i = 0; i < 4; i++) {
        int status;
        OK(waitpid(children[i], &status, 0));
        CHECK_EQ(status, 0);
    }
    for (int i = 0; i < SIZE; i++)
        CHECK(memory[i] == 'p');
}

TEST(fixed_addresses)
{
    char *memory = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    memset(memory, 1, 8 * PAGE);
    CHECK(mmap(memory + 2 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory + 2 * PAGE);
    CHECK(memory[PAGE] == 1 && memory[2 * PAGE] == 0 && memory[4 * PAGE] == 1);
    CHECK_EQ(access_signal(memory + 3 * PAGE, true), SIGSEGV);
    CHECK_ERRNO(mmap(memory, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), EEXIST);
    OK(munmap(memory + PAGE, PAGE));
    CHECK_EQ(access_signal(memory + PAGE, false), SIGSEGV);
    CHECK_EQ(access_signal(memory, true), 0);
    CHECK_EQ(access_signal(memory + 7 * PAGE, true), 0);
}

TEST(protection)
{
    char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    memory[PAGE] = 7;
    OK(mprotect(memory + PAGE, PAGE, PROT_READ));
    CHECK_EQ(access_signal(memory + PAGE, true), SIGSEGV);
    CHECK_EQ(access_signal(memory + PAGE, false), 0);
    CHECK_EQ(access_signal(memory, true), 0);
    CHECK_EQ(access_signal(memory + 2 * PAGE, true), 0);
    OK(mprotect(memory + PAGE, PAGE, PROT_NONE));
    CHECK_EQ(access_signal(memory + PAGE, false), SIGSEGV);
    OK(mprotect(memory, 4 * PAGE, PROT_READ | PROT_WRITE));
    CHECK_EQ(memory[PAGE], 7);
    memory[PAGE] = 8;
    OK(munmap(memory + 2 * PAGE, PAGE));
    CHECK_ERRNO(mprotect(memory, 4 * PAGE, PROT_READ), ENOMEM);
    /* The kernel respects the same protections when it copies. */
    int p[2];
    OK(pipe(p));
    CHECK_EQ(write(p[1], "x", 1), 1);
    char *fixed = map(PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);
    CHECK_ERRNO(read(p[0], fixed, 1), EFAULT);
}

TEST(execute_protection)
{
    unsigned char *code = (unsigned char *)map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
#ifdef __riscv
    /* li a0, 42; ret */
    memcpy(code, "\x13\x05\xa0\x02\x67\x80\0\0", 8);
    __builtin___clear_cache((char *)code, (char *)code + 8);
#else
    /* mov eax, 42; ret */
    memcpy(code, "\xb8\x2a\0\0\0\xc3", 6);
#endif
    int status = CHILD(_exit(((int (*)(void))code)()));
    CHECK_EQ(WTERMSIG(status), SIGSEGV);
    OK(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
    CHECK_EQ(((int (*)(void))code)(), 42);
}

TEST(remap)
{
    char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    for (int i = 0; i < 4; i++)
        memory[i * PAGE] = (char)('a' + i);
    char *larger = mremap(memory, 4 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
    CHECK(larger != MAP_FAILED);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(larger[i * PAGE], 'a' + i);
    CHECK_EQ(larger[63 * PAGE], 0);
    char *smaller = mremap(larger, 64 * PAGE, 2 * PAGE, 0);
    CHECK(smaller == larger);
    CHECK_EQ(access_signal(larger + 2 * PAGE, false), SIGSEGV);
    char *target = map(4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS);
    CHECK(mremap(smaller, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
    CHECK_EQ(target[PAGE], 'b');
    CHECK_EQ(access_signal(smaller, false), SIGSEGV);
    CHECK_ERRNO(mremap((void *)1, PAGE, PAGE, 0), EINVAL);
    CHECK_ERRNO(mremap(target, PAGE, 0, 0), EINVAL);
    CHECK_ERRNO(mremap(UNMAPPED, PAGE, 2 * PAGE, MREMAP_MAYMOVE), EFAULT);
    CHECK_ERRNO(mremap(target, PAGE, PAGE, 0x80), EINVAL);
}

TEST(program_break)
{
    char *start = (char *)syscall(SYS_brk, 0);
    char *end = (char *)syscall(SYS_brk, start + 10 * PAGE + 5);
    CHECK(end == start + 10 * PAGE + 5);
    memset(start, 3, 10 * PAGE);
    CHECK((char *)syscall(SYS_brk, start) == start);
    CHECK((char *)syscall(SYS_brk, start + PAGE) == start + PAGE);
    CHECK((char *)syscall(SYS_brk, 1) == start + PAGE);
    CHECK((char *)syscall(SYS_brk, 0x7fffffffffff) == start + PAGE);
}

TEST(advice)
{
    char *memory = map(4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    memset(memory, 1, 4 * PAGE);
    OK(madvise(memory + PAGE, PAGE, MADV_DONTNEED));
    CHECK_EQ(memory[0], 1);
    CHECK_EQ(memory[PAGE], 0);
    CHECK_EQ(memory[2 * PAGE], 1);
    OK(madvise(memory, 4 * PAGE, MADV_WILLNEED));
    OK(madvise(memory, 4 * PAGE, MADV_NORMAL));
    CHECK_ERRNO(madvise(memory + 1, PAGE, MADV_NORMAL), EINVAL);
    CHECK_ERRNO(madvise(memory, PAGE, 9999), EINVAL);
    OK(munmap(memory + PAGE, PAGE));
    CHECK_ERRNO(madvise(memory, 4 * PAGE, MADV_DONTNEED), ENOMEM);
}

TEST(stack_grows)
{
    volatile char block[1024 * 1024];
    for (size_t i = 0; i < sizeof block; i += PAGE)
        block[i] = (char)i;
    CHECK_EQ(block[PAGE], 0);
}

TEST(many_mappings)
{
    enum { COUNT = 1000 };
    static char *pages[COUNT];
    for (int i = 0; i < COUNT; i++) {
        pages[i] = map(PAGE, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);
        if (i % 2)
            pages[i][0] = (char)i;
    }
    for (int i = 0; i < COUNT; i++)
        CHECK_EQ(pages[i][0], i % 2 ? (char)i : 0);
    for (int i = 0; i < COUNT; i += 2)
        OK(munmap(pages[i], PAGE));
    for (int i = 1; i < COUNT; i += 2)
        CHECK_EQ(pages[i][0], (char)i);
}

TEST(address_space_limit)
{
    struct { unsigned long soft, hard; } limit = {64 << 20, 64 << 20};
    OK(syscall(SYS_setrlimit, 9 /* RLIMIT_AS */, &limit));
    CHECK_ERRNO(mmap(NULL, 128 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), ENOMEM);
    char *memory = map(8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    memory[0] = 1;
}

TEST(sparse_memory)
{
    /* More than the machine has: only what is touched counts. */
    size_t size = (size_t)8 << 30;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(memory != MAP_FAILED);
    for (size_t at = 0; at < size; at += (size_t)256 << 20)
        memory[at] = 1;
    for (size_t at = 0; at < size; at += (size_t)256 << 20)
        CHECK_EQ(memory[at], 1);
}

TEST(memory_file)
{
    int fd = (int)syscall(SYS_memfd_create, "name", 0);
    if (fd == -1) {
        CHECK_EQ(errno, ENOSYS);
        return;
    }
    OK(ftruncate(fd, PAGE));
    char *memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(memory != MAP_FAILED);
    memory[0] = 'm';
    char c;
    CHECK_EQ(pread(fd, &c, 1, 0), 1);
    CHECK_EQ(c, 'm');
}

TEST(truncated_file_under_a_mapping)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, 2 * PAGE));
    char *memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(memory != MAP_FAILED);
    memory[PAGE] = 1;
    OK(ftruncate(fd, PAGE));
    CHECK_EQ(access_signal(memory, false), 0);
    CHECK_EQ(access_signal(memory + PAGE, false), SIGBUS);
}
