/* SPDX-License-Identifier: MPL-2.0 */
/* Memory: several threads and processes at one thing at once: what must hold however they meet. Meant for several CPUs; holds on one as well. */
#include "harness.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>

/* Memory that children share with their parent. */
static void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Two threads leave this at the same time; the counter goes on from meeting to meeting. */
static void meet(volatile int *counter)
{
    int round = __atomic_fetch_add(counter, 1, __ATOMIC_SEQ_CST) / 2;
    for (int tries = 0; __atomic_load_n(counter, __ATOMIC_SEQ_CST) < (round + 1) * 2; tries++) {
        if (tries > 100)
            sched_yield();
    }
}

static volatile char *page;
static volatile int meetings;
static volatile int rounds_left;

static void *read_the_page(void *argument)
{
    while (rounds_left > 0) {
        meet(&meetings);
        if (rounds_left > 0)
            (void)page[0];
        meet(&meetings);
    }
    return argument;
}

TEST(a_read_fault_keeps_what_another_thread_wrote)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, 4096));
    rounds_left = 400;
    pthread_t reader;
    CHECK_EQ(pthread_create(&reader, NULL, read_the_page, NULL), 0);
    while (rounds_left > 0) {
        page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        CHECK(page != MAP_FAILED);
        meet(&meetings);
        page[0] = 'w';
        int left = rounds_left - 1;
        CHECK_EQ(page[0], 'w');
        meet(&meetings);
        CHECK_EQ(page[0], 'w');
        OK(munmap((void *)page, 4096));
        if (left == 0) {
            rounds_left = 0;
            break;
        }
        rounds_left = left;
    }
    __atomic_add_fetch(&meetings, 4, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(reader, NULL), 0);
}

enum { PAGES = 8 };
static char *file_pages;
static volatile int touching;
static __thread sigjmp_buf past_the_end;

static void leave_fault(int signal)
{
    (void)signal;
    siglongjmp(past_the_end, 1);
}

static void *touch_pages(void *argument)
{
    volatile unsigned number = (unsigned)(intptr_t)argument;
    while (__atomic_load_n(&touching, __ATOMIC_SEQ_CST)) {
        number = number * 1103515245 + 12345;
        volatile char *where = &file_pages[(number >> 16) % PAGES * 4096];
        if (sigsetjmp(past_the_end, 1) == 0) {
            if (number & 0x8000)
                where[1] = 1;
            else
                (void)where[1];
        }
    }
    return NULL;
}

static void check_mapping_is_the_file(int fd)
{
    char byte;
    for (int i = 0; i < PAGES; i++) {
        file_pages[i * 4096 + 2] = (char)(i + 1);
        CHECK_EQ(pread(fd, &byte, 1, i * 4096 + 2), 1);
        CHECK_EQ(byte, i + 1);
    }
}

TEST(a_mapping_shows_the_file_after_truncations)
{
    struct sigaction action = {.sa_handler = leave_fault, .sa_flags = SA_NODEFER};
    OK(sigaction(SIGBUS, &action, NULL));
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, PAGES * 4096));
    file_pages = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(file_pages != MAP_FAILED);
    touching = 1;
    pthread_t threads[2];
    for (intptr_t i = 0; i < 2; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, touch_pages, (void *)(i + 1)), 0);
    for (int round = 0; round < 300; round++) {
        OK(ftruncate(fd, round % PAGES * 4096));
        OK(ftruncate(fd, PAGES * 4096));
        OK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, round % 5 * 4096, 8192));
        check_mapping_is_the_file(fd);
    }
    __atomic_store_n(&touching, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

TEST(areas_move_and_split_while_the_file_is_cut)
{
    int fd = (int)OK(open("f", O_RDWR | O_CREAT, 0644));
    OK(ftruncate(fd, PAGES * 4096));
    file_pages = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(file_pages != MAP_FAILED);
    volatile int *is_over = shared_memory(4096);
    pid_t cutter = (pid_t)OK(fork());
    if (cutter == 0) {
        while (!__atomic_load_n(is_over, __ATOMIC_SEQ_CST)) {
            if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGES * 4096) != 0)
                _exit(1);
        }
        _exit(0);
    }
    for (int round = 0; round < 150; round++) {
        for (int i = 0; i < PAGES; i++)
            file_pages[i * 4096] = 1;
        OK(mprotect(file_pages + 2 * 4096, 3 * 4096, PROT_READ));
        OK(mprotect(file_pages + 2 * 4096, 3 * 4096, PROT_READ | PROT_WRITE));
        char *place = mmap(NULL, PAGES * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(place != MAP_FAILED);
        file_pages = mremap(file_pages, PAGES * 4096, PAGES * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, place);
        CHECK(file_pages == place);
        pid_t child = (pid_t)OK(fork());
        if (child == 0)
            _exit(file_pages[4096] > 1);
        int status;
        CHECK_EQ(waitpid(child, &status, 0), child);
        CHECK_EQ(status, 0);
    }
    __atomic_store_n(is_over, 1, __ATOMIC_SEQ_CST);
    int status;
    CHECK_EQ(waitpid(cutter, &status, 0), cutter);
    CHECK_EQ(status, 0);
    check_mapping_is_the_file(fd);
}

static volatile long published;

static void *look_for_old_values(void *argument)
{
    while (__atomic_load_n(&touching, __ATOMIC_SEQ_CST)) {
        long least = __atomic_load_n(&published, __ATOMIC_SEQ_CST);
        long value = *(volatile long *)page;
        if (value != 0 && value < least)
            return argument;
    }
    return NULL;
}

TEST(a_replaced_page_is_seen_by_nobody)
{
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    touching = 1;
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, look_for_old_values, (void *)1), 0);
    for (long round = 1; round <= 1500; round++) {
        if (round % 3 == 0)
            OK(madvise((void *)page, 4096, MADV_DONTNEED));
        else
            CHECK(mmap((void *)page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
        *(volatile long *)page = round;
        __atomic_store_n(&published, round, __ATOMIC_SEQ_CST);
    }
    __atomic_store_n(&touching, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++) {
        void *found;
        CHECK_EQ(pthread_join(threads[i], &found), 0);
        CHECK(found == NULL);
    }
}

static volatile long written[2][512];

static void *write_on(void *argument)
{
    while (__atomic_load_n(&touching, __ATOMIC_SEQ_CST)) {
        (*(volatile long *)argument)++;
        void *other = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        ((volatile char *)other)[8192] = 1;
        munmap(other, 16384);
    }
    return NULL;
}

TEST(a_forked_child_does_not_see_later_writes)
{
    touching = 1;
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, write_on, (void *)&written[i][0]), 0);
    for (int round = 0; round < 60; round++) {
        CHECK_CHILD({
            long first = written[0][0];
            long second = written[1][0];
            for (int i = 0; i < 20; i++)
                sched_yield();
            CHECK_EQ(written[0][0], first);
            CHECK_EQ(written[1][0], second);
        });
    }
    __atomic_store_n(&touching, 0, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

static volatile int futex_words[2];
static volatile long futex_waits;
static volatile int futex_threads;

static void *wait_on_futexes(void *argument)
{
    unsigned number = (unsigned)(intptr_t)argument;
    while (__atomic_load_n(&touching, __ATOMIC_SEQ_CST)) {
        number = number * 1103515245 + 12345;
        struct timespec soon = {0, (number >> 16) % 300000};
        if (syscall(SYS_futex, &futex_words[0], FUTEX_WAIT | (number & 1 ? FUTEX_PRIVATE_FLAG : 0), 0, number & 2 ? &soon : NULL, NULL, 0) == 0)
            __atomic_add_fetch(&futex_waits, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_add_fetch(&futex_threads, -1, __ATOMIC_SEQ_CST);
    return NULL;
}

TEST(each_futex_wake_ends_one_wait)
{
    enum { WAITERS = 3 };
    touching = 1;
    futex_threads = WAITERS;
    pthread_t threads[WAITERS];
    for (intptr_t i = 0; i < WAITERS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, wait_on_futexes, (void *)(i + 1)), 0);
    long wakes = 0;
    for (int round = 0; round < 3000 || __atomic_load_n(&futex_threads, __ATOMIC_SEQ_CST) > 0; round++) {
        if (round == 3000)
            __atomic_store_n(&touching, 0, __ATOMIC_SEQ_CST);
        int flag = round & 1 ? FUTEX_PRIVATE_FLAG : 0;
        wakes += OK(syscall(SYS_futex, &futex_words[0], FUTEX_WAKE | flag, 1, NULL, NULL, 0));
        OK(syscall(SYS_futex, &futex_words[0], FUTEX_REQUEUE | flag, 0, 1, &futex_words[1], 0));
        wakes += OK(syscall(SYS_futex, &futex_words[1], FUTEX_WAKE | flag, 1, NULL, NULL, 0));
        if (round % 64 == 0)
            usleep(200);
    }
    for (int i = 0; i < WAITERS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(futex_waits, wakes);
    CHECK(wakes > 0);
}
