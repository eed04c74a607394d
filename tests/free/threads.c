/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

enum { THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, STACK = 1 << 16, MAX_THREADS = 8 };

struct thread {
    int tid;
    void *block[2]; /* what the thread pointer shows: its own address */
};
static struct thread threads[MAX_THREADS];

static void start(int index, int (*function)(void *), void *argument, unsigned long more)
{
    char *stack = (char *)OK(map(STACK, PROT_READ | PROT_WRITE));
    threads[index].block[0] = threads[index].block;
    threads[index].tid = -1;
    OK(clone_thread(THREAD | more, stack + STACK, &threads[index].tid, &threads[index].tid, threads[index].block, function, argument));
}

static long wait_futex(int *word, int value, const struct timespec *limit) { return SYSCALL(futex, word, FUTEX_WAIT, value, limit, 0, 0); }

static long wake(int *word, int count) { return SYSCALL(futex, word, FUTEX_WAKE, count, 0, 0, 0); }

static void join(int index)
{
    int tid;
    while ((tid = __atomic_load_n(&threads[index].tid, __ATOMIC_ACQUIRE)) != 0)
        wait_futex(&threads[index].tid, tid, NULL);
}

static int own_pointer(void *argument)
{
    *(void **)argument = thread_pointer();
    return 0;
}

TEST(thread_pointer_of_a_thread)
{
    void *seen[2] = {NULL, NULL};
    start(0, own_pointer, &seen[0], CLONE_SETTLS);
    start(1, own_pointer, &seen[1], CLONE_SETTLS);
    join(0);
    join(1);
    CHECK_EQ(seen[0], threads[0].block);
    CHECK_EQ(seen[1], threads[1].block);
}

static int check_tid(void *argument)
{
    struct thread *self = argument;
    return *(volatile int *)&self->block[1] = (int)SYSCALL(gettid);
}

/* CLONE_PARENT_SETTID and CLONE_CHILD_CLEARTID: each in its place among the arguments, which differs between the architectures. */
TEST(numbers_of_threads)
{
    start(0, check_tid, &threads[0], 0);
    join(0);
    int tid = *(int *)&threads[0].block[1];
    CHECK(tid > SYSCALL(getpid));
    int parent_tid = 0, child_tid = -1;
    char *stack = (char *)OK(map(STACK, PROT_READ | PROT_WRITE));
    long number = OK(clone_thread(THREAD | CLONE_CHILD_SETTID, stack + STACK, &parent_tid, &child_tid, NULL, check_tid, &threads[1]));
    AWAIT(__atomic_load_n(&child_tid, __ATOMIC_ACQUIRE) == 0);
    CHECK_EQ(parent_tid, number);
    CHECK_EQ(*(int *)&threads[1].block[1], number);
}

TEST(futex_values)
{
    int word = 5;
    struct timespec limit = {0, 10000000};
    CHECK_EQ(wait_futex(&word, 4, NULL), -EAGAIN);
    CHECK_EQ(wait_futex(&word, 5, &limit), -ETIMEDOUT);
    CHECK_EQ(wake(&word, 1), 0);
    CHECK_EQ(SYSCALL(futex, (char *)&word + 1, FUTEX_WAIT, 5, 0, 0, 0), -EINVAL);
    CHECK_EQ(SYSCALL(futex, 8, FUTEX_WAIT, 5, 0, 0, 0), -EFAULT);
}

/* A mutex of three states: free, held, held and waited for (Drepper, Futexes Are Tricky). */
static int lock_word;
static volatile long counter;

static void lock(void)
{
    int state = 0;
    if (__atomic_compare_exchange_n(&lock_word, &state, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    if (state != 2)
        state = __atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE);
    while (state != 0) {
        wait_futex(&lock_word, 2, NULL);
        state = __atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE);
    }
}

static void unlock(void)
{
    if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2)
        wake(&lock_word, 1);
}

enum { INCREMENTS = 20000 };

static int increment(void *argument)
{
    (void)argument;
    for (int i = 0; i < INCREMENTS; i++) {
        lock();
        counter++;
        if (i % 100 == 0)
            SYSCALL(sched_yield);
        unlock();
    }
    return 0;
}

TEST(mutex)
{
    for (int i = 0; i < MAX_THREADS; i++)
        start(i, increment, NULL, 0);
    for (int i = 0; i < MAX_THREADS; i++)
        join(i);
    CHECK_EQ(counter, (long)MAX_THREADS * INCREMENTS);
}

static int ball;

static int play(void *argument)
{
    int side = (int)(long)argument;
    for (int i = side; i < 2000; i += 2) {
        int value;
        while ((value = __atomic_load_n(&ball, __ATOMIC_ACQUIRE)) != i)
            wait_futex(&ball, value, NULL);
        __atomic_store_n(&ball, i + 1, __ATOMIC_RELEASE);
        wake(&ball, 2);
    }
    return 0;
}

TEST(ping_pong)
{
    start(0, play, (void *)0, 0);
    start(1, play, (void *)1, 0);
    join(0);
    join(1);
    CHECK_EQ(ball, 2000);
}

static int gate, room, passed;

static int wait_at_gate(void *argument)
{
    (void)argument;
    while (__atomic_load_n(&gate, __ATOMIC_ACQUIRE) == 0)
        wait_futex(&gate, 0, NULL);
    __atomic_fetch_add(&passed, 1, __ATOMIC_RELEASE);
    return 0;
}

TEST(requeue)
{
    for (int i = 0; i < 4; i++)
        start(i, wait_at_gate, NULL, 0);
    /* All wait at the gate; those that are moved are woken in the other room. */
    long moved = 0;
    AWAIT((moved += SYSCALL(futex, &gate, FUTEX_CMP_REQUEUE, 0, 4, &room, 0)) == 4);
    CHECK_EQ(wake(&gate, 4), 0);
    __atomic_store_n(&gate, 1, __ATOMIC_RELEASE);
    CHECK_EQ(wake(&room, 4), 4);
    for (int i = 0; i < 4; i++)
        join(i);
    CHECK_EQ(passed, 4);
}

/* Between processes a futex in shared memory is known by its page and not by its address. */
TEST(futex_of_two_processes)
{
    size_t page = auxiliary(AT_PAGESZ);
    int *shared = (int *)OK(SYSCALL(mmap, 0, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    long child = OK(fork());
    if (child == 0) {
        while (__atomic_load_n(shared, __ATOMIC_ACQUIRE) == 0)
            wait_futex(shared, 0, NULL);
        exit_program(0);
    }
    AWAIT(process_state(child) == 'S');
    __atomic_store_n(shared, 1, __ATOMIC_RELEASE);
    wake(shared, 1);
    int status;
    CHECK_EQ(wait_for(child, &status, 0), child);
    CHECK_EQ(status, 0);
}

static volatile long signalled_tid;

static void note_thread(int signal, struct siginfo *info, void *context)
{
    (void)signal, (void)info, (void)context;
    signalled_tid = SYSCALL(gettid);
}

static int spin(void *argument)
{
    while (!__atomic_load_n((int *)argument, __ATOMIC_ACQUIRE)) {
    }
    return 0;
}

/* How a runtime preempts its threads: a signal to one that makes no calls. */
TEST(signal_to_a_thread_that_computes)
{
    static int stop;
    OK(set_handler(SIGUSR1, note_thread, SA_RESTART));
    start(0, spin, &stop, 0);
    int tid = __atomic_load_n(&threads[0].tid, __ATOMIC_ACQUIRE);
    for (int i = 0; i < 50; i++) {
        signalled_tid = 0;
        OK(SYSCALL(tgkill, SYSCALL(getpid), tid, SIGUSR1));
        AWAIT(signalled_tid != 0);
        CHECK_EQ(signalled_tid, tid);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
    join(0);
}

static int leave(void *argument)
{
    (void)argument;
    exit_program(11);
}

TEST(exit_group_ends_all_threads)
{
    int status = CHILD({
        static int never;
        start(0, spin, &never, 0);
        start(1, leave, NULL, 0);
        for (;;)
            poll(NULL, 0, NULL);
    });
    CHECK_EQ(exit_status(status), 11);
}
