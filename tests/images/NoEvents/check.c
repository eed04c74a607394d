/* SPDX-License-Identifier: MPL-2.0 */
/* In an image without Kernel.Events its calls are unknown, and everything else is there. */
#include "harness.h"

#include <poll.h>

TEST(calls_of_the_missing_subsystem_are_unknown)
{
    static const long calls[] = { SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_eventfd2 };
    for (size_t index = 0; index < sizeof calls / sizeof calls[0]; index++) {
        errno = 0;
        CHECK_EQ(syscall(calls[index], 0, 0, 0, 0, 0, 0), -1);
        CHECK_EQ(errno, ENOSYS);
    }
}

TEST(poll_and_pipes_work)
{
    int ends[2];
    OK(pipe(ends));
    CHECK_EQ(write(ends[1], "x", 1), 1);
    struct pollfd wanted = { .fd = ends[0], .events = POLLIN };
    CHECK_EQ(poll(&wanted, 1, 1000), 1);
    CHECK_EQ(wanted.revents, POLLIN);
}
