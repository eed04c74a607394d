/* SPDX-License-Identifier: MPL-2.0 */
/*
 * An injected policy chooses every frame of this image: programs get memory, all of it, nobody gets another one's, and it comes back.
 * then: conformance
 */
#include "harness.h"

#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

enum { PAGE = 4096, READ_ALL = 3 };

static size_t free_pages(void)
{
    struct sysinfo info;
    OK(sysinfo(&info));
    return info.freeram * info.mem_unit / PAGE;
}

static void fill(unsigned long *memory, size_t pages, unsigned long seed)
{
    for (size_t page = 0; page < pages; page++) {
        memory[page * (PAGE / sizeof *memory)] = seed + page;
        memory[(page + 1) * (PAGE / sizeof *memory) - 1] = seed ^ page;
    }
}

static size_t count_wrong(const unsigned long *memory, size_t pages, unsigned long seed)
{
    size_t wrong = 0;
    for (size_t page = 0; page < pages; page++) {
        wrong += memory[page * (PAGE / sizeof *memory)] != seed + page;
        wrong += memory[(page + 1) * (PAGE / sizeof *memory) - 1] != (seed ^ page);
    }
    return wrong;
}

static unsigned long *map(size_t pages)
{
    unsigned long *memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

TEST(the_policy_is_installed)
{
    static char log[1 << 16];
    int length = OK(klogctl(READ_ALL, log, sizeof log - 1));
    log[length] = 0;
    CHECK(strstr(log, "an injected policy chooses the frames") != NULL);
}

TEST(half_of_memory_keeps_its_contents_over_forks)
{
    size_t pages = free_pages() / 2;
    unsigned long *memory = map(pages);
    fill(memory, pages, 12345);
    pid_t children[4];
    for (size_t index = 0; index < 4; index++) {
        children[index] = OK(fork());
        if (children[index] == 0) {
            size_t own = pages / 16;
            fill(memory, own, 1000 + index);
            size_t wrong = count_wrong(memory, own, 1000 + index);
            for (size_t page = own; page < pages; page++)
                wrong += memory[page * (PAGE / sizeof *memory)] != 12345 + page;
            _exit(wrong == 0 ? 0 : 1);
        }
    }
    for (size_t index = 0; index < 4; index++) {
        int status;
        CHECK_EQ(waitpid(children[index], &status, 0), children[index]);
        CHECK_EQ(status, 0);
    }
    CHECK_EQ(count_wrong(memory, pages, 12345), 0);
    OK(munmap(memory, pages * PAGE));
}

TEST(a_program_that_takes_all_memory_is_killed_and_gives_it_back)
{
    size_t before = free_pages();
    pid_t child = OK(fork());
    if (child == 0) {
        for (;;) {
            unsigned long *memory = mmap(NULL, 256 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (memory == MAP_FAILED)
                raise(SIGKILL);
            fill(memory, 256, 1);
        }
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), SIGKILL);

    /* The kernel's heap may have grown meanwhile. */
    CHECK(free_pages() + 2048 > before);
}
