/* SPDX-License-Identifier: MPL-2.0 */
/* Time: clock_gettime(2), nanosleep(2), clock_nanosleep(2), setitimer(2), alarm(2), timerfd_create(2), timer_create(2), times(2). */
#include "harness.h"

#include <poll.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>

static volatile sig_atomic_t ticks;

static void on_tick(int signal)
{
    (void)signal;
    ticks++;
}

TEST(clocks)
{
    const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID};
    for (size_t i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct timespec resolution;
        OK(clock_getres(clocks[i], &resolution));
        CHECK(resolution.tv_sec == 0 && resolution.tv_nsec > 0);
        int64_t before = now_ns(clocks[i]), after = now_ns(clocks[i]);
        CHECK(after >= before);
    }
    struct timespec now;
    CHECK_ERRNO(clock_gettime(99, &now), EINVAL);
    CHECK_ERRNO(syscall(SYS_clock_gettime, CLOCK_REALTIME, 8), EFAULT);
    CHECK(now_ns(CLOCK_REALTIME) / 1000000000 > 1700000000);
    struct timeval tv;
    OK(gettimeofday(&tv, NULL));
    CHECK(llabs(tv.tv_sec - now_ns(CLOCK_REALTIME) / 1000000000) <= 1);
    CHECK(llabs(time(NULL) - tv.tv_sec) <= 1);
}

TEST(the_clock_advances_evenly)
{
    int64_t last = now_ns(CLOCK_MONOTONIC);
    for (int i = 0; i < 100000; i++) {
        int64_t now = now_ns(CLOCK_MONOTONIC);
        CHECK(now >= last);
        last = now;
    }
    int64_t real = now_ns(CLOCK_REALTIME), monotonic = now_ns(CLOCK_MONOTONIC);
    usleep(100000);
    real = now_ns(CLOCK_REALTIME) - real;
    monotonic = now_ns(CLOCK_MONOTONIC) - monotonic;
    CHECK(llabs(real - monotonic) < 20000000);
}

TEST(set_the_clock)
{
    struct timespec saved, now;
    OK(clock_gettime(CLOCK_REALTIME, &saved));
    OK(clock_settime(CLOCK_REALTIME, &(struct timespec){1000000000, 0}));
    OK(clock_gettime(CLOCK_REALTIME, &now));
    CHECK(now.tv_sec >= 1000000000 && now.tv_sec < 1000000060);
    OK(clock_settime(CLOCK_REALTIME, &saved));
    CHECK_ERRNO(clock_settime(CLOCK_MONOTONIC, &saved), EINVAL);
    CHECK_CHILD({
        OK(setuid(1000));
        CHECK_ERRNO(clock_settime(CLOCK_REALTIME, &saved), EPERM);
    });
}

TEST(sleeps)
{
    int64_t start = now_ns(CLOCK_MONOTONIC);
    OK(nanosleep(&(struct timespec){0, 50000000}, NULL));
    int64_t took = now_ns(CLOCK_MONOTONIC) - start;
    CHECK(took >= 50000000);
    CHECK_ERRNO(nanosleep(&(struct timespec){0, 1000000000}, NULL), EINVAL);
    CHECK_ERRNO(nanosleep(&(struct timespec){-1, 0}, NULL), EINVAL);
    CHECK_ERRNO(nanosleep((void *)8, NULL), EFAULT);
    struct timespec until;
    OK(clock_gettime(CLOCK_MONOTONIC, &until));
    int64_t target = (int64_t)until.tv_sec * 1000000000 + until.tv_nsec + 40000000;
    until = (struct timespec){target / 1000000000, target % 1000000000};
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL), 0);
    CHECK(now_ns(CLOCK_MONOTONIC) >= target);
    CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL), 0);
    CHECK_EQ(clock_nanosleep(99, 0, &until, NULL), EINVAL);
}

TEST(interval_timer)
{
    OK(sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_tick}, NULL));
    struct itimerval timer = {.it_interval = {0, 10000}, .it_value = {0, 10000}}, old;
    OK(setitimer(ITIMER_REAL, &timer, NULL));
    while (ticks < 5)
        pause();
    OK(getitimer(ITIMER_REAL, &old));
    CHECK_EQ(old.it_interval.tv_usec, 10000);
    timer = (struct itimerval){0};
    OK(setitimer(ITIMER_REAL, &timer, &old));
    CHECK(old.it_value.tv_usec <= 10000);
    CHECK_ERRNO(setitimer(99, &timer, NULL), EINVAL);
    timer.it_value.tv_usec = 1000000;
    CHECK_ERRNO(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
}

TEST(cpu_time_timer)
{
    OK(sigaction(SIGVTALRM, &(struct sigaction){.sa_handler = on_tick}, NULL));
    OK(setitimer(ITIMER_VIRTUAL, &(struct itimerval){.it_value = {0, 20000}}, NULL));
    while (ticks == 0)
        continue;
    CHECK(now_ns(CLOCK_PROCESS_CPUTIME_ID) >= 15000000);
}

TEST(alarm_seconds)
{
    OK(sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_tick}, NULL));
    CHECK_EQ(alarm(100), 0);
    unsigned left = alarm(1);
    CHECK(left == 99 || left == 100);
    CHECK_ERRNO(pause(), EINTR);
    CHECK_EQ(ticks, 1);
    alarm(100);
    CHECK_CHILD(CHECK_EQ(alarm(0), 0));
    CHECK(alarm(0) > 0);
}

TEST(timer_file)
{
    int fd = (int)OK(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    uint64_t expirations;
    CHECK_ERRNO(read(fd, &expirations, 8), EAGAIN);
    struct itimerspec timer = {.it_value = {0, 10000000}, .it_interval = {0, 10000000}}, now;
    OK(timerfd_settime(fd, 0, &timer, NULL));
    struct pollfd set = {fd, POLLIN, 0};
    CHECK_EQ(poll(&set, 1, 5000), 1);
    CHECK_EQ(read(fd, &expirations, 8), 8);
    CHECK(expirations >= 1);
    usleep(50000);
    CHECK_EQ(read(fd, &expirations, 8), 8);
    CHECK(expirations >= 3);
    OK(timerfd_gettime(fd, &now));
    CHECK_EQ(now.it_interval.tv_nsec, 10000000);
    CHECK_ERRNO(read(fd, &expirations, 4), EINVAL);
    CHECK_ERRNO(timerfd_create(99, 0), EINVAL);
    CHECK_ERRNO(timerfd_create(CLOCK_MONOTONIC, 0x1234), EINVAL);
    timer.it_value.tv_nsec = -1;
    CHECK_ERRNO(timerfd_settime(fd, 0, &timer, NULL), EINVAL);
    CHECK_ERRNO(timerfd_settime(0, 0, &timer, NULL), EINVAL);
}

TEST(posix_timer)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    OK(sigprocmask(SIG_BLOCK, &set, NULL));
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 55};
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) == -1) {
        CHECK_EQ(errno, ENOSYS);
        return;
    }
    OK(timer_settime(timer, 0, &(struct itimerspec){.it_value = {0, 10000000}}, NULL));
    siginfo_t info;
    CHECK_EQ(sigwaitinfo(&set, &info), SIGUSR1);
    CHECK_EQ(info.si_code, SI_TIMER);
    CHECK_EQ(info.si_value.sival_int, 55);
    OK(timer_delete(timer));
}

TEST(process_times)
{
    int64_t start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
    while (now_ns(CLOCK_PROCESS_CPUTIME_ID) - start < 100000000)
        continue;
    struct tms times_now;
    CHECK(times(&times_now) != (clock_t)-1);
    CHECK(times_now.tms_utime + times_now.tms_stime >= 5);
}
