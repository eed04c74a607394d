/* SPDX-License-Identifier: MPL-2.0 */
/* Many threads and processes at one file, one directory, one terminal: what must hold whatever the order (file and terminal families). */
#include "harness.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <termios.h>

enum { ROUNDS = 400 };

static atomic_bool stops;
static pthread_barrier_t barrier;

static pthread_t start_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, body, argument), 0);
    return thread;
}

static void join(pthread_t thread)
{
    CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* --- pseudo-terminals --- */

static int master;
static char slave_name[64];

static void open_master(void)
{
    master = (int)OK(posix_openpt(O_RDWR | O_NOCTTY));
    OK(unlockpt(master));
    OK(ptsname_r(master, slave_name, sizeof slave_name));
}

static void *open_and_close_slave(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        int slave = (int)OK(open(slave_name, O_RDWR | O_NOCTTY));
        struct pollfd entry = {master, POLLIN, 0};
        OK(poll(&entry, 1, 0));
        CHECK((entry.revents & POLLHUP) == 0);
        OK(close(slave));
    }
    return NULL;
}

TEST(a_master_is_not_hung_up_while_a_slave_is_open)
{
    open_master();
    pthread_t first = start_thread(open_and_close_slave, NULL);
    pthread_t second = start_thread(open_and_close_slave, NULL);
    open_and_close_slave(NULL);
    join(first);
    join(second);
    struct pollfd entry = {master, POLLIN, 0};
    OK(poll(&entry, 1, 0));
    CHECK(entry.revents & POLLHUP);
}

static void *open_slave_and_read(void *unused)
{
    (void)unused;
    int slave = open(slave_name, O_RDWR | O_NOCTTY);
    if (slave >= 0) {
        char byte;
        CHECK(read(slave, &byte, 1) <= 0);
        close(slave);
    }
    return NULL;
}

TEST(a_slave_opened_while_its_master_closes_sees_the_end)
{
    for (int i = 0; i < ROUNDS / 4; i++) {
        open_master();
        pthread_t reader = start_thread(open_slave_and_read, NULL);
        for (int spin = 0; spin < i; spin++)
            sched_yield();
        OK(close(master));
        join(reader);
    }
}

static void *wait_for_room(void *unused)
{
    (void)unused;
    while (!stops) {
        struct pollfd entry = {master, POLLOUT, 0};
        CHECK_EQ(poll(&entry, 1, -1), 1);
    }
    return NULL;
}

static void *write_to_master(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS * 10; i++)
        CHECK_EQ(write(master, "x", 1), 1);
    return NULL;
}

TEST(waiting_for_room_in_a_terminal_sees_every_room)
{
    open_master();
    int slave = (int)OK(open(slave_name, O_RDWR | O_NOCTTY));
    struct termios modes;
    OK(tcgetattr(slave, &modes));
    cfmakeraw(&modes);
    OK(tcsetattr(slave, TCSANOW, &modes));
    pthread_t poller = start_thread(wait_for_room, NULL);
    pthread_t first = start_thread(write_to_master, NULL);
    pthread_t second = start_thread(write_to_master, NULL);
    char buffer[256];
    for (long total = 0; total < 2 * ROUNDS * 10;)
        total += OK(read(slave, buffer, sizeof buffer));
    join(first);
    join(second);
    stops = true;
    join(poller);
}

/* --- names --- */

static void *make_and_rename_directories(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        if (mkdir("a", 0755) < 0)
            CHECK_EQ(errno, EEXIST);
        if (mkdir("b", 0755) < 0)
            CHECK_EQ(errno, EEXIST);
        if (rename("a", "b") < 0)
            CHECK(errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT);
        if (unlink("b/x") < 0)
            CHECK(errno == ENOENT);
        if (rmdir("b") < 0)
            CHECK(errno == ENOENT || errno == ENOTEMPTY);
    }
    return NULL;
}

static void *create_in_the_directory(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS * 2; i++) {
        int file = open("b/x", O_CREAT | O_WRONLY, 0644);
        if (file < 0) {
            CHECK_EQ(errno, ENOENT);
            continue;
        }
        struct stat status;
        OK(fstat(file, &status));
        CHECK(status.st_nlink <= 1);
        CHECK_EQ(write(file, "x", 1), 1);
        OK(close(file));
    }
    return NULL;
}

TEST(directories_that_are_made_renamed_and_removed)
{
    OK(mkdir("d", 0755));
    OK(chdir("d"));
    pthread_t threads[] = {
        start_thread(make_and_rename_directories, NULL),
        start_thread(make_and_rename_directories, NULL),
        start_thread(create_in_the_directory, NULL),
    };
    create_in_the_directory(NULL);
    for (int i = 0; i < 3; i++)
        join(threads[i]);

    /* The links of the parent agree with what is listed. */
    unlink("b/x");
    int directories = 0;
    DIR *listing = opendir(".");
    CHECK(listing != NULL);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        directories += entry->d_type == DT_DIR;
    closedir(listing);
    struct stat status;
    OK(stat(".", &status));
    CHECK_EQ(status.st_nlink, directories);
}

static void *rename_back_and_forth(void *unused)
{
    (void)unused;
    while (!stops) {
        OK(rename("near/here", "farther-away"));
        OK(rename("farther-away", "near/here"));
    }
    return NULL;
}

TEST(a_path_is_the_old_or_the_new_one_while_it_is_renamed)
{
    char base[256], near[512], far[512], path[512];
    CHECK(getcwd(base, sizeof base) != NULL);
    snprintf(near, sizeof near, "%s/near/here", base);
    snprintf(far, sizeof far, "%s/farther-away", base);
    OK(mkdir("near", 0755));
    OK(mkdir("near/here", 0755));
    int here = (int)OK(open("near/here", O_RDONLY | O_DIRECTORY));
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", here);
    pthread_t renamer = start_thread(rename_back_and_forth, NULL);
    for (int i = 0; i < ROUNDS * 4; i++) {
        ssize_t length = (ssize_t)OK(readlink(link, path, sizeof path - 1));
        path[length] = 0;
        CHECK(strcmp(path, near) == 0 || strcmp(path, far) == 0);
    }
    stops = true;
    join(renamer);
}

/* --- open files --- */

static int shared;

static void *open_and_close_descriptors(void *unused)
{
    (void)unused;
    while (!stops) {
        int file = (int)OK(open("/dev/zero", O_RDONLY));
        int copy = dup2(file, shared);
        CHECK_EQ(copy, shared);
        OK(close(file));
        close(shared);
    }
    return NULL;
}

TEST(reads_of_a_descriptor_that_is_closed_and_opened)
{
    shared = 200;
    pthread_t first = start_thread(open_and_close_descriptors, NULL);
    pthread_t second = start_thread(open_and_close_descriptors, NULL);
    char buffer[512];
    for (int i = 0; i < ROUNDS * 10; i++) {
        ssize_t count = read(shared, buffer, sizeof buffer);
        if (count < 0)
            CHECK_EQ(errno, EBADF);
        else
            CHECK_EQ(count, sizeof buffer);
    }
    stops = true;
    join(first);
    join(second);
}

static void *lock_the_descriptor(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&barrier);
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(shared, F_SETLK, &lock) < 0)
            CHECK_EQ(errno, EBADF);
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

TEST(a_record_lock_goes_with_the_descriptor_closed_meanwhile)
{
    write_file("locked", "x");
    int probe = (int)OK(open("locked", O_RDWR));
    pthread_barrier_init(&barrier, NULL, 2);
    shared = (int)OK(open("locked", O_RDWR));
    pthread_t locker = start_thread(lock_the_descriptor, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&barrier);
        OK(close(shared));
        pthread_barrier_wait(&barrier);

        /* To the open file description of the probe the process's lock is somebody else's. */
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        OK(fcntl(probe, F_OFD_GETLK, &lock));
        CHECK_EQ(lock.l_type, F_UNLCK);
        if (i + 1 < ROUNDS)
            CHECK_EQ(open("locked", O_RDWR), shared);
    }
    join(locker);
}

enum { PARTS = 5, PART_BYTES = 3000 };

static void *append_records(void *argument)
{
    int file = (int)OK(open("log", O_WRONLY | O_APPEND));
    static _Thread_local char part[PART_BYTES];
    memset(part, *(char *)argument, sizeof part);
    struct iovec parts[PARTS];
    for (int i = 0; i < PARTS; i++)
        parts[i] = (struct iovec){part, sizeof part};
    for (int i = 0; i < ROUNDS / 4; i++)
        CHECK_EQ(writev(file, parts, PARTS), PARTS * PART_BYTES);
    OK(close(file));
    return NULL;
}

TEST(appended_records_are_not_mixed)
{
    write_file("log", "");
    pthread_t first = start_thread(append_records, "a");
    pthread_t second = start_thread(append_records, "b");
    join(first);
    join(second);
    int file = (int)OK(open("log", O_RDONLY));
    static char record[PARTS * PART_BYTES];
    int count = 0;
    while (OK(read(file, record, sizeof record)) == sizeof record) {
        for (size_t i = 1; i < sizeof record; i++)
            if (record[i] != record[0])
                CHECK_EQ(record[i], record[0]);
        count++;
    }
    CHECK_EQ(count, 2 * (ROUNDS / 4));
}

/* --- mapped files --- */

enum { MAPPED_PAGES = 16, PAGE = 4096 };

static volatile char *mapped;

static void *touch_pages(void *unused)
{
    (void)unused;
    while (!stops)
        for (int i = 0; i < MAPPED_PAGES; i++)
            (void)mapped[i * PAGE];
    return NULL;
}

TEST(a_hole_punched_while_pages_are_touched_shows_in_the_mapping)
{
    int file = (int)OK(memfd_create("m", 0));
    OK(ftruncate(file, MAPPED_PAGES * PAGE));
    mapped = mmap(NULL, MAPPED_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(mapped != MAP_FAILED);
    pthread_t first = start_thread(touch_pages, NULL);
    pthread_t second = start_thread(touch_pages, NULL);
    char page[PAGE];
    memset(page, 'x', sizeof page);
    for (int i = 0; i < ROUNDS; i++) {
        for (int index = 0; index < MAPPED_PAGES; index++)
            CHECK_EQ(pwrite(file, page, PAGE, index * PAGE), PAGE);
        OK(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, MAPPED_PAGES * PAGE));
        for (int index = 0; index < MAPPED_PAGES; index++)
            CHECK_EQ(mapped[index * PAGE], 0);
    }
    stops = true;
    join(first);
    join(second);
}

TEST(a_hole_leaves_private_copies_alone)
{
    int file = (int)OK(memfd_create("m", 0));
    OK(ftruncate(file, 4 * PAGE));
    CHECK_EQ(pwrite(file, "file", 4, 2 * PAGE), 4);
    char *copy = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    CHECK(copy != MAP_FAILED);
    copy[0] = 'p';
    copy[3 * PAGE] = 'q';
    CHECK_EQ(copy[2 * PAGE], 'f');
    OK(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 3 * PAGE));
    CHECK_EQ(copy[0], 'p');
    CHECK_EQ(copy[2 * PAGE], 0);
    CHECK_EQ(copy[3 * PAGE], 'q');
}

static void *resize_the_file(void *unused)
{
    (void)unused;
    while (!stops) {
        OK(ftruncate(shared, 0));
        OK(ftruncate(shared, MAPPED_PAGES * PAGE));
    }
    return NULL;
}

TEST(reads_and_writes_of_a_file_that_shrinks_and_grows)
{
    shared = (int)OK(memfd_create("m", 0));
    pthread_t resizer = start_thread(resize_the_file, NULL);
    char page[PAGE], seen[PAGE];
    memset(page, 'y', sizeof page);
    for (int i = 0; i < ROUNDS * 2; i++) {
        off_t offset = i % MAPPED_PAGES * PAGE;
        CHECK_EQ(pwrite(shared, page, PAGE, offset), PAGE);
        ssize_t count = (ssize_t)OK(pread(shared, seen, PAGE, offset));
        for (ssize_t at = 0; at < count; at++)
            CHECK(seen[at] == 'y' || seen[at] == 0);
    }
    stops = true;
    join(resizer);
}
