/* SPDX-License-Identifier: MPL-2.0 */
/* Threads: clone(2) with CLONE_THREAD through pthreads, futex(2), set_robust_list(2), exit_group(2), set_tid_address(2). */
#include "harness.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>

static long futex(volatile int *word, int operation, int value, const struct timespec *time, volatile int *second, int value3)
{
    return syscall(SYS_futex, word, operation, value, time, second, value3);
}

static void *return_argument(void *argument)
{
    return argument;
}

TEST(create_and_join)
{
    for (intptr_t i = 0; i < 200; i++) {
        pthread_t thread;
        CHECK_EQ(pthread_create(&thread, NULL, return_argument, (void *)i), 0);
        void *result;
        CHECK_EQ(pthread_join(thread, &result), 0);
        CHECK_EQ((intptr_t)result, i);
    }
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;

static void *increment(void *argument)
{
    for (long i = 0; i < (long)argument; i++) {
        pthread_mutex_lock(&mutex);
        counter++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

TEST(mutual_exclusion)
{
    enum { THREADS = 8, ROUNDS = 5000 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, increment, (void *)ROUNDS), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(counter, THREADS * ROUNDS);
}

static int turn;

static void *take_turns(void *argument)
{
    int me = (int)(intptr_t)argument;
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&mutex);
        while (turn % 4 != me)
            pthread_cond_wait(&condition, &mutex);
        turn++;
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

TEST(condition_variables)
{
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, take_turns, (void *)i), 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    CHECK_EQ(turn, 2000);
}

static __thread int thread_local_value = 5;

static void *check_local(void *argument)
{
    if (thread_local_value != 5)
        return (void *)1;
    for (int i = 0; i < 1000; i++) {
        thread_local_value = (int)(intptr_t)argument;
        sched_yield();
        if (thread_local_value != (int)(intptr_t)argument)
            return (void *)1;
    }
    return NULL;
}

TEST(thread_local_storage)
{
    pthread_t threads[8];
    for (intptr_t i = 0; i < 8; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, check_local, (void *)(i + 100)), 0);
    for (int i = 0; i < 8; i++) {
        void *result;
        CHECK_EQ(pthread_join(threads[i], &result), 0);
        CHECK(result == NULL);
    }
    CHECK_EQ(thread_local_value, 5);
}

static pid_t other_tid;

static void *note_identity(void *argument)
{
    (void)argument;
    other_tid = gettid();
    return (void *)(intptr_t)getpid();
}

TEST(identity)
{
    pthread_t thread;
    CHECK_EQ(gettid(), getpid());
    CHECK_EQ(pthread_create(&thread, NULL, note_identity, NULL), 0);
    void *pid;
    CHECK_EQ(pthread_join(thread, &pid), 0);
    CHECK_EQ((intptr_t)pid, getpid());
    CHECK(other_tid != getpid());
}

static void *exit_all(void *argument)
{
    (void)argument;
    exit(9);
}

static void *sleep_long(void *argument)
{
    (void)argument;
    while (pause() == -1)
        continue;
    return NULL;
}

TEST(exit_group_ends_all)
{
    int status = CHILD({
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_long, NULL);
        pthread_create(&thread, NULL, exit_all, NULL);
        for (;;)
            pause();
    });
    CHECK_EQ(WEXITSTATUS(status), 9);
}

TEST(a_fatal_signal_ends_all)
{
    int status = CHILD({
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_long, NULL);
        pthread_create(&thread, NULL, sleep_long, NULL);
        kill(getpid(), SIGTERM);
        for (;;)
            pause();
    });
    CHECK_EQ(WTERMSIG(status), SIGTERM);
}

TEST(the_leader_may_leave_first)
{
    int p[2];
    OK(pipe(p));
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, return_argument, NULL);
        pthread_join(thread, NULL);
        pthread_create(&thread, NULL, sleep_long, NULL);
        write(p[1], "r", 1);
        syscall(SYS_exit, 0);
    }
    char c;
    CHECK_EQ(read(p[0], &c, 1), 1);
    AWAIT(process_state(child) == 'Z');
    CHECK_EQ(waitpid(child, NULL, WNOHANG), 0);
    OK(kill(child, SIGKILL));
    CHECK_EQ(waitpid(child, NULL, 0), child);
}

static void *exec_from_thread(void *argument)
{
    (void)argument;
    execl("/bin/sh", "sh", "-c", "exit 6", NULL);
    return NULL;
}

TEST(exec_in_a_thread)
{
    int status = CHILD({
        pthread_t thread;
        pthread_create(&thread, NULL, sleep_long, NULL);
        pthread_create(&thread, NULL, exec_from_thread, NULL);
        for (;;)
            pause();
    });
    CHECK_EQ(WEXITSTATUS(status), 6);
}

TEST(futex_values_and_errors)
{
    volatile int word = 5;
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), EAGAIN);
    struct timespec brief = {0, 20000000};
    int64_t start = now_ns(CLOCK_MONOTONIC);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 5, &brief, NULL, 0), ETIMEDOUT);
    CHECK(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
    CHECK_EQ(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    CHECK_ERRNO(futex((int *)((char *)&word + 1), FUTEX_WAIT, 5, NULL, NULL, 0), EINVAL);
    CHECK_ERRNO(futex((int *)0x1000, FUTEX_WAIT, 5, NULL, NULL, 0), EFAULT);
    CHECK_ERRNO(futex(&word, 127, 0, NULL, NULL, 0), ENOSYS);
    CHECK_ERRNO(futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), EINVAL);
    brief.tv_nsec = 1000000000;
    CHECK_ERRNO(futex(&word, FUTEX_WAIT, 5, &brief, NULL, 0), EINVAL);
}

TEST(futex_between_processes)
{
    volatile int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        while (*word == 0)
            futex(word, FUTEX_WAIT, 0, NULL, NULL, 0);
        _exit(*word);
    }
    AWAIT(process_state(child) == 'S');
    *word = 3;
    CHECK_EQ(futex(word, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
    int status;
    OK(waitpid(child, &status, 0));
    CHECK_EQ(WEXITSTATUS(status), 3);
}

static volatile int requeue_from, requeue_to;

static void *wait_on_from(void *argument)
{
    (void)argument;
    futex(&requeue_from, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    return NULL;
}

TEST(futex_requeue)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, wait_on_from, NULL), 0);
    /* A requeue that wakes none says how many waited, with the comparison and, whatever futex(2) says, without. */
    int moved = 0;
    for (bool compares = false; moved < 4; compares = !compares)
        moved += (int)OK(futex(&requeue_from, compares ? FUTEX_CMP_REQUEUE_PRIVATE : FUTEX_REQUEUE_PRIVATE, 0, (struct timespec *)100, &requeue_to, 0));
    CHECK_ERRNO(futex(&requeue_from, FUTEX_CMP_REQUEUE_PRIVATE, 0, (struct timespec *)100, &requeue_to, 1), EAGAIN);
    CHECK_EQ(futex(&requeue_from, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 0);
    CHECK_EQ(futex(&requeue_to, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
    CHECK_EQ(futex(&requeue_to, FUTEX_WAKE_PRIVATE, 100, NULL, NULL, 0), 3);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
}

static pthread_mutex_t robust;

static void *die_holding(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&robust);
    return NULL;
}

TEST(robust_mutex)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attributes);
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, die_holding, NULL), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(pthread_mutex_lock(&robust), EOWNERDEAD);
    CHECK_EQ(pthread_mutex_consistent(&robust), 0);
    CHECK_EQ(pthread_mutex_unlock(&robust), 0);
}

static volatile sig_atomic_t handled_by;

static void note_thread(int signal)
{
    (void)signal;
    handled_by = gettid();
}

static void *wait_for_signal(void *argument)
{
    *(volatile pid_t *)argument = gettid();
    while (handled_by == 0)
        usleep(1000);
    return NULL;
}

TEST(signal_to_one_thread)
{
    signal(SIGUSR1, note_thread);
    volatile pid_t tid = 0;
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, wait_for_signal, (void *)&tid), 0);
    AWAIT(tid != 0);
    CHECK_EQ(pthread_kill(thread, SIGUSR1), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
    CHECK_EQ(handled_by, tid);
}

TEST(cancellation)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, sleep_long, NULL), 0);
    CHECK_EQ(pthread_cancel(thread), 0);
    void *result;
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

static void *fork_and_wait(void *argument)
{
    (void)argument;
    for (int i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(3);
        int status;
        if (waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 3)
            return (void *)1;
    }
    return NULL;
}

TEST(forks_from_many_threads)
{
    pthread_t threads[6];
    for (int i = 0; i < 6; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, fork_and_wait, NULL), 0);
    for (int i = 0; i < 6; i++) {
        void *result;
        CHECK_EQ(pthread_join(threads[i], &result), 0);
        CHECK(result == NULL);
    }
}

static void *map_and_unmap(void *argument)
{
    for (int i = 0; i < 300; i++) {
        volatile char *memory = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return (void *)1;
        for (int j = 0; j < 16; j++)
            memory[j * 4096] = (char)(intptr_t)argument;
        for (int j = 0; j < 16; j++)
            if (memory[j * 4096] != (char)(intptr_t)argument)
                return (void *)2;
        munmap((void *)memory, 16 * 4096);
    }
    return NULL;
}

TEST(one_address_space_many_threads)
{
    pthread_t threads[6];
    for (intptr_t i = 0; i < 6; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, map_and_unmap, (void *)(i + 1)), 0);
    for (int i = 0; i < 6; i++) {
        void *result;
        CHECK_EQ(pthread_join(threads[i], &result), 0);
        CHECK(result == NULL);
    }
}

static void *use_floating_point(void *argument)
{
    double x = (double)(intptr_t)argument, expected = 0;
    for (int round = 0; round < 200; round++) {
        double y = x;
        for (int i = 0; i < 2000; i++)
            y = y * 1.0000001 + 0.5;
        if (round == 0)
            expected = y;
        if (y != expected)
            return (void *)1;
    }
    return NULL;
}

TEST(floating_point_state_is_per_thread)
{
    pthread_t threads[6];
    for (intptr_t i = 0; i < 6; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, use_floating_point, (void *)(i + 1)), 0);
    for (int i = 0; i < 6; i++) {
        void *result;
        CHECK_EQ(pthread_join(threads[i], &result), 0);
        CHECK(result == NULL);
    }
}

static int cpus_in_cpuinfo(void)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[4096];
    int count = 0;
    while (fgets(line, sizeof line, file))
        count += strncmp(line, "processor", 9) == 0;
    fclose(file);
    return count;
}

static void *run_everywhere(void *argument)
{
    cpu_set_t all = *(cpu_set_t *)argument;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &all))
            continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
        for (int i = 0; i < 100; i++) {
            CHECK_EQ(sched_getcpu(), cpu);
            sched_yield();
        }
        cpu_set_t now;
        CHECK_EQ(sched_getaffinity(0, sizeof now, &now), 0);
        CHECK(CPU_EQUAL(&now, &one));
    }
    return NULL;
}

TEST(affinity)
{
    cpu_set_t all;
    CHECK_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    CHECK_EQ(CPU_COUNT(&all), sysconf(_SC_NPROCESSORS_ONLN));
    CHECK_EQ(CPU_COUNT(&all), cpus_in_cpuinfo());
    enum { THREADS = 6 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, run_everywhere, &all), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);

    cpu_set_t none;
    CPU_ZERO(&none);
    CHECK_ERRNO(sched_setaffinity(0, sizeof none, &none), EINVAL);
    CPU_SET(CPU_SETSIZE - 1, &none);
    CHECK_ERRNO(sched_setaffinity(0, sizeof none, &none), EINVAL);
    unsigned long word;
    CHECK_ERRNO(syscall(SYS_sched_getaffinity, 0, 1, &word), EINVAL);
}

/* The child inherits the set (man 2 sched_setaffinity), and keeps it over execve(2). */
TEST(affinity_is_inherited)
{
    cpu_set_t all, one;
    CHECK_EQ(sched_getaffinity(0, sizeof all, &all), 0);
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &all)) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one); /* the last */
        }
    }
    CHECK_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    pid_t child = fork();
    if (child == 0) {
        cpu_set_t mine;
        _exit(sched_getaffinity(0, sizeof mine, &mine) == 0 && CPU_EQUAL(&mine, &one) ? 0 : 1);
    }
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    CHECK_EQ(sched_setaffinity(0, sizeof all, &all), 0);
}
