/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

static size_t page;

__attribute__((constructor)) static void find_page_size(void) { page = auxiliary(AT_PAGESZ); }

TEST(anonymous_pages_are_zero)
{
    volatile char *memory = (volatile char *)OK(map(64 * page, PROT_READ | PROT_WRITE));
    for (size_t i = 0; i < 64 * page; i += 512)
        CHECK_EQ(memory[i], 0);
    for (size_t i = 0; i < 64; i++)
        memory[i * page] = (char)(i + 1);
    for (size_t i = 0; i < 64; i++)
        CHECK_EQ(memory[i * page], i + 1);
    OK(SYSCALL(madvise, memory, 32 * page, MADV_DONTNEED));
    CHECK_EQ(memory[31 * page], 0);
    CHECK_EQ(memory[32 * page], 33);
    OK(SYSCALL(munmap, memory, 64 * page));
}

TEST(unmapped_memory_is_not_there)
{
    volatile char *memory = (volatile char *)OK(map(3 * page, PROT_READ | PROT_WRITE));
    OK(SYSCALL(munmap, memory + page, page));
    memory[0] = 1;
    memory[2 * page] = 1;
    CHECK_EQ(death_signal(CHILD(memory[page] = 1)), SIGSEGV);
    CHECK_EQ(write(1, (void *)(memory + page), 1), -EFAULT);
}

TEST(protection)
{
    volatile char *memory = (volatile char *)OK(map(page, PROT_READ | PROT_WRITE));
    memory[0] = 5;
    OK(SYSCALL(mprotect, memory, page, PROT_READ));
    CHECK_EQ(memory[0], 5);
    CHECK_EQ(death_signal(CHILD(memory[0] = 1)), SIGSEGV);
    OK(SYSCALL(mprotect, memory, page, PROT_NONE));
    CHECK_EQ(death_signal(CHILD((void)memory[0])), SIGSEGV);
    OK(SYSCALL(mprotect, memory, page, PROT_READ | PROT_WRITE));
    CHECK_EQ(memory[0], 5);
}

/* What a runtime with a collector of its own does: much address space, of which little is used. */
TEST(large_reservation)
{
    size_t size = (size_t)64 << 30;
    char *memory = (char *)OK(SYSCALL(mmap, 0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    volatile char *middle = memory + (size / 2 & ~(page - 1));
    OK(SYSCALL(mprotect, middle, 4 * page, PROT_READ | PROT_WRITE));
    middle[page] = 7;
    CHECK_EQ(SYSCALL(mmap, middle, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), middle);
    CHECK_EQ(middle[0], 0);
    CHECK_EQ(middle[page], 7);
    CHECK_EQ(SYSCALL(mmap, middle, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0), -EEXIST);
    OK(SYSCALL(munmap, memory, size));
}

TEST(file_mappings)
{
    int fd = (int)OK(open("file", O_RDWR | O_CREAT, 0644));
    OK(SYSCALL(ftruncate, fd, (long)(2 * page)));
    CHECK_EQ(SYSCALL(pwrite64, fd, "second", 6, page), 6);
    volatile char *shared = (volatile char *)OK(SYSCALL(mmap, 0, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
    volatile char *own = (volatile char *)OK(SYSCALL(mmap, 0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, page));
    CHECK_EQ(own[0], 's');
    own[0] = 'o';
    shared[page + 1] = 'E';
    char text[6];
    CHECK_EQ(SYSCALL(pread64, fd, text, 6, page), 6);
    CHECK_EQ(memcmp(text, "sEcond", 6), 0);
    CHECK_EQ(SYSCALL(mmap, 0, page, PROT_READ, MAP_SHARED, fd, page / 2), -EINVAL);
    OK(SYSCALL(ftruncate, fd, (long)page));
    CHECK_EQ(death_signal(CHILD((void)shared[page])), SIGBUS);
}

TEST(shared_memory_of_two_processes)
{
    volatile int *shared = (volatile int *)OK(SYSCALL(mmap, 0, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    CHECK_CHILD(shared[1] = 77);
    CHECK_EQ(shared[1], 77);
}

TEST(mremap_moves)
{
    volatile char *memory = (volatile char *)OK(map(2 * page, PROT_READ | PROT_WRITE));
    memory[page] = 3;
    volatile char *larger = (volatile char *)OK(SYSCALL(mremap, memory, 2 * page, 512 * page, MREMAP_MAYMOVE, 0));
    CHECK_EQ(larger[page], 3);
    CHECK_EQ(larger[511 * page], 0);
}

TEST(break_moves)
{
    unsigned long start = (unsigned long)SYSCALL(brk, 0);
    CHECK_EQ(SYSCALL(brk, start + 10 * page), start + 10 * page);
    ((volatile char *)start)[10 * page - 1] = 1;
    CHECK_EQ(SYSCALL(brk, start), start);
}

/* Code that was written a moment ago: the CPU has to see it (on some architectures the program has to ask for it). */
TEST(written_code_runs)
{
#if defined(__x86_64__)
    static const unsigned char code[] = {0xb8, 0x2a, 0x00, 0x00, 0x00, 0xc3};
#elif defined(__riscv)
    static const unsigned char code[] = {0x13, 0x05, 0xa0, 0x02, 0x67, 0x80, 0x00, 0x00};
#else
    static const unsigned char code[] = {0x04, 0xa8, 0x80, 0x02, 0x20, 0x00, 0x00, 0x4c};
#endif
    char *memory = (char *)OK(map(page, PROT_READ | PROT_WRITE));
    memcpy(memory, code, sizeof code);
#if !defined(__loongarch64)
    /* QEMU 7.2 itself never comes back from this on LoongArch (Ostd.Arch.LoongArch, README.md). */
    CHECK_EQ(death_signal(CHILD(((int (*)(void))(uintptr_t)memory)())), SIGSEGV);
#endif
    OK(SYSCALL(mprotect, memory, page, PROT_READ | PROT_EXEC));
#if defined(__riscv)
    __asm__ volatile("fence.i" ::: "memory");
#elif defined(__loongarch64)
    __asm__ volatile("ibar 0" ::: "memory");
#endif
    CHECK_EQ(((int (*)(void))(uintptr_t)memory)(), 42);
}
