/* SPDX-License-Identifier: MPL-2.0 */
/* Processes and threads at one thing at once: what must hold however they meet. Meant for several CPUs; holds on one as well. */
#include "harness.h"

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Memory that children share with their parent. */
static void *shared_memory(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    return memory;
}

/* Of the first children every other one forks, too; the later ones go at once, else the group would double for as long as its killer waits for a CPU. */
static int is_enough(int fork_number)
{
    return fork_number % 2 || fork_number > 32;
}

TEST(killing_a_group_that_forks_leaves_nobody)
{
    OK(prctl(PR_SET_CHILD_SUBREAPER, 1));
    for (int round = 0; round < 8; round++) {
        volatile int *forks = shared_memory(4096);
        pid_t leader = (pid_t)OK(fork());
        if (leader == 0) {
            setpgid(0, 0);
            for (int i = 0; i < 2; i++)
                fork();
            for (;;) {
                if (fork() > 0)
                    while (waitpid(-1, NULL, WNOHANG) > 0)
                        continue;
                else if (is_enough(__atomic_add_fetch(forks, 1, __ATOMIC_RELAXED)))
                    _exit(0);
            }
        }
        setpgid(leader, leader);
        AWAIT(__atomic_load_n(forks, __ATOMIC_RELAXED) > 5 + round);
        OK(kill(-leader, SIGKILL));
        while (wait(NULL) > 0)
            continue;
        CHECK_EQ(errno, ECHILD);
        CHECK_ERRNO(kill(-leader, 0), ESRCH);
    }
}

static void *count_up(void *argument)
{
    volatile long *counter = argument;
    for (;;)
        (*counter)++;
    return NULL;
}

TEST(a_stopped_process_stands_still)
{
    enum { THREADS = 3 };
    volatile long *counters = shared_memory(4096);
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        for (int i = 0; i < THREADS; i++) {
            pthread_t thread;
            pthread_create(&thread, NULL, count_up, (void *)&counters[i * 8]);
        }
        for (;;)
            pause();
    }
    for (int i = 0; i < THREADS; i++)
        AWAIT(counters[i * 8] != 0);
    for (int round = 0; round < 20; round++) {
        /* A continuation that the next stop follows at once: some threads have not left the stop yet. */
        OK(kill(child, SIGSTOP));
        OK(kill(child, SIGCONT));
        OK(kill(child, SIGSTOP));
        int status;
        CHECK_EQ(waitpid(child, &status, WUNTRACED), child);
        CHECK(WIFSTOPPED(status));
        while (process_state(child) != 'T')
            usleep(100);
        /* The report may have been that of the first stop: what is waited for now is the last one. */
        long before[THREADS];
        usleep(2000);
        for (int i = 0; i < THREADS; i++)
            before[i] = counters[i * 8];
        usleep(3000);
        for (int i = 0; i < THREADS; i++)
            CHECK_EQ(counters[i * 8], before[i]);
        OK(kill(child, SIGCONT));
    }
    OK(kill(child, SIGKILL));
    int status;
    do {
        CHECK_EQ(waitpid(child, &status, 0), child);
    } while (!WIFSIGNALED(status));
}

static volatile int handled;

static void count_handled(int signal)
{
    (void)signal;
    __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void *exit_at_once(void *argument)
{
    return argument;
}

static volatile int signalling;

static void *spawn_and_join(void *argument)
{
    while (__atomic_load_n(&signalling, __ATOMIC_SEQ_CST)) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, exit_at_once, NULL) == 0)
            pthread_join(thread, NULL);
    }
    return argument;
}

TEST(a_signal_outlives_the_thread_that_was_to_take_it)
{
    struct sigaction action = {.sa_handler = count_handled, .sa_flags = SA_RESTART};
    OK(sigaction(SIGUSR1, &action, NULL));
    signalling = 1;
    pthread_t spawner;
    CHECK_EQ(pthread_create(&spawner, NULL, spawn_and_join, NULL), 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    for (int i = 1; i <= 300; i++) {
        OK(kill(getpid(), SIGUSR1));
        AWAIT(__atomic_load_n(&handled, __ATOMIC_SEQ_CST) >= i);
    }
    __atomic_store_n(&signalling, 0, __ATOMIC_SEQ_CST);
    CHECK_EQ(pthread_join(spawner, NULL), 0);
    CHECK_EQ(handled, 300);
}

TEST(a_process_is_always_in_a_group)
{
    volatile int *is_over = shared_memory(4096);
    pid_t own = getpgrp();
    pid_t child = (pid_t)OK(fork());
    if (child == 0) {
        long asked = 0;
        while (!__atomic_load_n(is_over, __ATOMIC_SEQ_CST)) {
            pid_t group = getpgrp();
            if ((group != own && group != getpid()) || getsid(0) <= 0)
                _exit(1);
            asked++;
        }
        _exit(asked == 0);
    }
    for (int i = 0; i < 2000; i++) {
        OK(setpgid(child, child));
        OK(setpgid(child, own));
    }
    usleep(1000);
    __atomic_store_n(is_over, 1, __ATOMIC_SEQ_CST);
    int status;
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
}

TEST(processes_that_fork_together_keep_the_limit)
{
    if (geteuid() != 0)
        return;
    enum { LIMIT = 7, FORKERS = 3 };
    for (int round = 0; round < 10; round++) {
        volatile int *state = shared_memory(4096);
        pid_t leader = (pid_t)OK(fork());
        if (leader == 0) {
            setpgid(0, 0);
            struct rlimit limit = {LIMIT, LIMIT};
            if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setresuid(54321, 54321, 54321) != 0)
                _exit(1);
            for (int i = 0; i < FORKERS; i++) {
                if (fork() != 0)
                    continue;
                __atomic_add_fetch(&state[0], 1, __ATOMIC_SEQ_CST);
                while (__atomic_load_n(&state[0], __ATOMIC_SEQ_CST) < FORKERS)
                    sched_yield();
                pid_t child;
                while ((child = fork()) > 0)
                    __atomic_add_fetch(&state[1], 1, __ATOMIC_SEQ_CST);
                if (child < 0)
                    __atomic_add_fetch(&state[2], 1, __ATOMIC_SEQ_CST);
                for (;;)
                    pause();
            }
            for (;;)
                pause();
        }
        setpgid(leader, leader);
        AWAIT(__atomic_load_n(&state[2], __ATOMIC_SEQ_CST) == FORKERS);
        CHECK_EQ(state[1], LIMIT - 1 - FORKERS);
        OK(kill(-leader, SIGKILL));
        CHECK_EQ(waitpid(leader, NULL, 0), leader);
        AWAIT(kill(-leader, 0) == -1 && errno == ESRCH);
    }
}

static void *clone_and_yield(void *argument)
{
    for (;;) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, exit_at_once, NULL) == 0)
            pthread_detach(thread);
        sched_yield();
    }
    return argument;
}

static void *execute(void *argument)
{
    execl("/bin/sh", "sh", "-c", "exit 7", NULL);
    return argument;
}

TEST(one_of_many_threads_executes_a_program)
{
    for (int round = 0; round < 10; round++) {
        int status = CHILD({
            pthread_t thread;
            for (int i = 0; i < 2; i++)
                pthread_create(&thread, NULL, clone_and_yield, NULL);
            for (int i = 0; i < 2; i++)
                pthread_create(&thread, NULL, execute, NULL);
            for (;;)
                pause();
        });
        CHECK(WIFEXITED(status));
        CHECK_EQ(WEXITSTATUS(status), 7);
    }
}

static void *leave_with(void *argument)
{
    while (!__atomic_load_n(&signalling, __ATOMIC_SEQ_CST))
        sched_yield();
    _exit((int)(intptr_t)argument);
}

TEST(a_process_ends_once)
{
    for (int round = 0; round < 20; round++) {
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            pthread_t thread;
            for (intptr_t i = 1; i <= 3; i++)
                pthread_create(&thread, NULL, leave_with, (void *)i);
            __atomic_store_n(&signalling, 1, __ATOMIC_SEQ_CST);
            leave_with((void *)4);
        }
        if (round % 2)
            OK(kill(child, SIGKILL));
        int status;
        CHECK_EQ(waitpid(child, &status, 0), child);
        if (WIFEXITED(status))
            CHECK(WEXITSTATUS(status) >= 1 && WEXITSTATUS(status) <= 4);
        else
            CHECK_EQ(WTERMSIG(status), SIGKILL);
        CHECK_ERRNO(waitpid(child, &status, 0), ECHILD);
    }
}

enum { WAITED_CHILDREN = 80 };
static volatile int reaped;
static volatile char was_reaped[WAITED_CHILDREN];

static void *reap(void *argument)
{
    int status;
    while (__atomic_load_n(&reaped, __ATOMIC_SEQ_CST) < WAITED_CHILDREN) {
        if (wait(&status) < 0) {
            usleep(200);
            continue;
        }
        if (WIFEXITED(status))
            __atomic_add_fetch(&was_reaped[WEXITSTATUS(status)], 1, __ATOMIC_SEQ_CST);
        __atomic_add_fetch(&reaped, 1, __ATOMIC_SEQ_CST);
    }
    return argument;
}

TEST(each_child_is_reaped_by_one_thread)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_create(&threads[i], NULL, reap, NULL), 0);
    for (int i = 0; i < WAITED_CHILDREN; i++) {
        pid_t child = (pid_t)OK(fork());
        if (child == 0)
            _exit(i);
    }
    for (int i = 0; i < 3; i++)
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < WAITED_CHILDREN; i++)
        CHECK_EQ(was_reaped[i], 1);
}

static int end_with_three(void *argument)
{
    (void)argument;
    _exit(3);
}

TEST(vfork_of_a_sibling_comes_back)
{
    volatile int *came_back = shared_memory(4096);
    pid_t maker = (pid_t)OK(fork());
    if (maker == 0) {
        /* The new process is the maker's sibling, and the maker waits until it has ended. */
        static char stack[65536] __attribute__((aligned(16)));
        *came_back = clone(end_with_three, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD, NULL);
        _exit(0);
    }
    int statuses = 0;
    for (int i = 0; i < 2; i++) {
        int status;
        pid_t child = (pid_t)OK(wait(&status));
        statuses += WEXITSTATUS(status) + (child == maker ? 10 : 100);
    }
    CHECK_EQ(statuses, 113);
    CHECK(*came_back > 0);
}
