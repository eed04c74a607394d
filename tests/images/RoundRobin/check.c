/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The policy of this image looks at no nice values: of two programs that only compute, one nice and one not, each gets half of the CPU.
 * Under the fair policy the nice one would get about a seventieth.
 */
#include "harness.h"

#include <sys/resource.h>

static pid_t start_computing(int niceness)
{
    pid_t child = fork();
    if (child == 0) {
        OK(setpriority(PRIO_PROCESS, 0, niceness));
        for (volatile unsigned long count = 0;; count++) {
        }
    }
    return OK(child);
}

static long stop_and_measure_ms(pid_t child)
{
    struct rusage usage;
    int status;
    OK(kill(child, SIGKILL));
    CHECK_EQ(wait4(child, &status, 0, &usage), child);
    return usage.ru_utime.tv_sec * 1000 + usage.ru_utime.tv_usec / 1000;
}

TEST(nice_and_other_programs_share_the_cpu_equally)
{
    pid_t plain = start_computing(0);
    pid_t nice = start_computing(19);
    struct timespec span = { .tv_sec = 3 };
    OK(nanosleep(&span, NULL));
    long plain_ms = stop_and_measure_ms(plain);
    long nice_ms = stop_and_measure_ms(nice);
    printf("  plain %ld ms, nice %ld ms\n", plain_ms, nice_ms);
    CHECK(plain_ms > 200);
    CHECK(nice_ms * 3 > plain_ms * 2);
    CHECK(plain_ms * 3 > nice_ms * 2);
}
