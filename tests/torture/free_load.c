/* SPDX-License-Identifier: MPL-2.0 */
/*
 * load.c for architectures without a C library: the tests of tests/free by many workers at once, in an order that the seed determines. Usage is "load SEED SECONDS WORKERS"; leaves with 0 when every test
 * passed each time and memory is back at the end.
 */
#include "dice.h"
#include "harness.h"

enum { SLACK_KB = 6 * 1024, WARM_UP_ROUNDS = 8 };

static long number_of(const char *text)
{
    long number = 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (*text - '0');
    return number;
}

static _Noreturn void run_worker(uint64_t seed, int64_t deadline, long limit)
{
    seed_random(seed);
    long rounds = 0;
    bool is_well = true;
    for (; is_well && rounds < limit && now_ns(CLOCK_MONOTONIC) < deadline; rounds++)
        is_well = harness_run((int)below((unsigned)harness_count()));
    print("torture: worker %llu: %ld rounds\n", (unsigned long long)seed, rounds);
    exit_program(!is_well);
}

static bool run_workers(uint64_t seed, int64_t deadline, long limit, long workers)
{
    for (long i = 0; i < workers; i++)
        if (OK(fork()) == 0)
            run_worker(seed * 1000003 + (uint64_t)i, deadline, limit);
    bool is_well = true;
    for (long i = 0; i < workers; i++) {
        int status;
        OK(wait_for(-1, &status, 0));
        is_well = is_well && status == 0;
    }
    return is_well;
}

/* A line of /proc/meminfo (proc(5)). */
static long memory_kb(const char *info, const char *name)
{
    const char *line = strstr(info, name);
    CHECK(line != NULL);
    for (line += strlen(name); *line == ' '; line++)
        ;
    return number_of(line);
}

/* Memory in use after the kernel has collected its garbage. */
static long used_kb(void)
{
    for (int i = 0; i < 3; i++) {
        long collector = open("/proc/asterion/gc", O_WRONLY, 0);
        if (collector >= 0) {
            CHECK_EQ(write((int)collector, "collect", 7), 7);
            close((int)collector);
        }
        sleep_milliseconds(20);
    }
    const char *info = read_file("/proc/meminfo");
    return memory_kb(info, "MemTotal:") - memory_kb(info, "MemFree:") - memory_kb(info, "\nCached:");
}

int main(int count, char **arguments)
{
    /* Some tests start their own program again. */
    if (count != 4)
        return harness_main(count, arguments);
    uint64_t seed = (uint64_t)number_of(arguments[1]);
    long seconds = number_of(arguments[2]), workers = number_of(arguments[3]);
    bool is_well = run_workers(seed + 1000, INT64_MAX, WARM_UP_ROUNDS, workers);
    long before = used_kb();
    is_well = run_workers(seed, now_ns(CLOCK_MONOTONIC) + seconds * 1000000000, INT64_MAX, workers) && is_well;
    long after = used_kb();
    print("torture: used %ld kB -> %ld kB\n", before, after);
    if (after > before + SLACK_KB) {
        print("torture: memory is lost\n");
        return 1;
    }
    return is_well ? 0 : 1;
}
