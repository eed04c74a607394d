/* SPDX-License-Identifier: MPL-2.0 */
/* Directories, links and paths: mkdir(2), rename(2), link(2), symlink(2), getdents64(2), chdir(2), openat(2), path_resolution(7). */
#include "harness.h"

#include <dirent.h>
#include <limits.h>
#include <sys/statfs.h>

TEST(make_and_remove)
{
    OK(mkdir("d", 0750));
    struct stat st;
    OK(stat("d", &st));
    CHECK_EQ(st.st_mode, S_IFDIR | 0750);
    CHECK_EQ(st.st_nlink, 2);
    CHECK_ERRNO(mkdir("d", 0755), EEXIST);
    OK(mkdir("d/e", 0755));
    OK(stat("d", &st));
    CHECK_EQ(st.st_nlink, 3);
    CHECK_ERRNO(rmdir("d"), ENOTEMPTY);
    CHECK_ERRNO(unlink("d/e"), EISDIR);
    OK(rmdir("d/e"));
    CHECK_ERRNO(rmdir("d/."), EINVAL);
    CHECK_ERRNO(rmdir("d/.."), ENOTEMPTY);
    OK(rmdir("d"));
    CHECK_ERRNO(rmdir("d"), ENOENT);
    write_file("f", "");
    CHECK_ERRNO(rmdir("f"), ENOTDIR);
    CHECK_ERRNO(mkdir("f/x", 0755), ENOTDIR);
    CHECK_ERRNO(rmdir("/"), EBUSY);
}

TEST(list)
{
    for (int i = 0; i < 300; i++) {
        char name[32];
        snprintf(name, sizeof name, "file-%d", i);
        write_file(name, "");
    }
    OK(mkdir("sub", 0755));
    DIR *directory = opendir(".");
    CHECK(directory != NULL);
    int files = 0, directories = 0;
    bool seen[300] = {0};
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        int index;
        if (sscanf(entry->d_name, "file-%d", &index) == 1) {
            CHECK(!seen[index]);
            seen[index] = true;
            CHECK_EQ(entry->d_type, DT_REG);
            files++;
        } else {
            CHECK_EQ(entry->d_type, DT_DIR);
            directories++;
        }
    }
    CHECK_EQ(files, 300);
    CHECK_EQ(directories, 3);
    rewinddir(directory);
    CHECK(readdir(directory) != NULL);
    closedir(directory);
    int fd = (int)OK(open(".", O_RDONLY | O_DIRECTORY));
    char small[8];
    CHECK_ERRNO(syscall(SYS_getdents64, fd, small, sizeof small), EINVAL);
    int file = (int)OK(open("file-1", O_RDONLY));
    char large[1024];
    CHECK_ERRNO(syscall(SYS_getdents64, file, large, sizeof large), ENOTDIR);
}

TEST(remove_while_listing)
{
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "f%d", i);
        write_file(name, "");
    }
    DIR *directory = opendir(".");
    CHECK(directory != NULL);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] == 'f')
            OK(unlink(entry->d_name));
    closedir(directory);
    directory = opendir(".");
    int left = 0;
    while (readdir(directory) != NULL)
        left++;
    CHECK_EQ(left, 2);
}

TEST(hard_links)
{
    write_file("a", "x");
    OK(link("a", "b"));
    struct stat a, b;
    OK(stat("a", &a));
    OK(stat("b", &b));
    CHECK_EQ(a.st_ino, b.st_ino);
    CHECK_EQ(a.st_nlink, 2);
    CHECK_ERRNO(link("a", "b"), EEXIST);
    CHECK_ERRNO(link("missing", "c"), ENOENT);
    OK(mkdir("d", 0755));
    CHECK_ERRNO(link("d", "e"), EPERM);
    OK(unlink("a"));
    OK(stat("b", &b));
    CHECK_EQ(b.st_nlink, 1);
    CHECK_STR(read_file("b"), "x");
    CHECK_ERRNO(link("b", "/dev/guest-test-link"), EXDEV);
}

TEST(symbolic_links)
{
    write_file("f", "content");
    OK(symlink("f", "l"));
    char target[64] = {0};
    CHECK_EQ(readlink("l", target, sizeof target), 1);
    CHECK_STR(target, "f");
    CHECK_STR(read_file("l"), "content");
    struct stat st;
    OK(lstat("l", &st));
    CHECK_EQ(st.st_mode & S_IFMT, S_IFLNK);
    CHECK_EQ(st.st_size, 1);
    CHECK_ERRNO(symlink("x", "l"), EEXIST);
    CHECK_ERRNO(symlink("", "e"), ENOENT);
    CHECK_ERRNO(readlink("f", target, sizeof target), EINVAL);
    CHECK_ERRNO(readlink("l", target, 0), EINVAL);
    CHECK_ERRNO(open("l", O_RDONLY | O_NOFOLLOW), ELOOP);
    OK(symlink("loop", "loop"));
    CHECK_ERRNO(open("loop", O_RDONLY), ELOOP);
    OK(symlink("dangling-target", "dangling"));
    CHECK_ERRNO(open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0644), EEXIST);
    OK(close(OK(open("dangling", O_CREAT | O_WRONLY, 0644))));
    OK(access("dangling-target", F_OK));
    CHECK_EQ(readlink("l", target, 1), 1);
}

TEST(link_depth)
{
    write_file("f", "deep");
    char previous[16] = "f", name[16];
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "l%d", i);
        OK(symlink(previous, name));
        strcpy(previous, name);
    }
    CHECK_STR(read_file("l40"), "deep");
    CHECK_ERRNO(open("l41", O_RDONLY), ELOOP);
}

TEST(rename_entries)
{
    write_file("a", "1");
    write_file("b", "2");
    OK(rename("a", "b"));
    CHECK_STR(read_file("b"), "1");
    CHECK_ERRNO(access("a", F_OK), ENOENT);
    CHECK_ERRNO(rename("a", "c"), ENOENT);
    OK(mkdir("d", 0755));
    OK(mkdir("d/sub", 0755));
    CHECK_ERRNO(rename("b", "d"), EISDIR);
    CHECK_ERRNO(rename("d", "b"), ENOTDIR);
    CHECK_ERRNO(rename("d", "d/sub/x"), EINVAL);
    OK(mkdir("e", 0755));
    write_file("e/f", "");
    CHECK_ERRNO(rename("d", "e"), ENOTEMPTY);
    OK(unlink("e/f"));
    OK(rename("d", "e"));
    OK(access("e/sub", F_OK));
    OK(rename("b", "b"));
    OK(link("b", "b2"));
    OK(rename("b", "b2"));
    OK(access("b", F_OK));
    CHECK_ERRNO(rename("b", "missing/x"), ENOENT);
    CHECK_ERRNO(rename("e/.", "x"), EBUSY);
    write_file("p", "p");
    write_file("q", "q");
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "p", AT_FDCWD, "q", 1 /* RENAME_NOREPLACE */), EEXIST);
    OK(syscall(SYS_renameat2, AT_FDCWD, "p", AT_FDCWD, "q", 2 /* RENAME_EXCHANGE */));
    CHECK_STR(read_file("p"), "q");
    CHECK_STR(read_file("q"), "p");
    CHECK_ERRNO(syscall(SYS_renameat2, AT_FDCWD, "p", AT_FDCWD, "q", 3), EINVAL);
}

TEST(moved_directory_keeps_its_parent_straight)
{
    OK(mkdir("a", 0755));
    OK(mkdir("a/x", 0755));
    OK(mkdir("b", 0755));
    OK(chdir("a/x"));
    OK(rename("../../a/x", "../../b/y"));
    char cwd[PATH_MAX];
    CHECK(getcwd(cwd, sizeof cwd) != NULL);
    CHECK_STR(strrchr(cwd, '/'), "/y");
    OK(chdir(".."));
    CHECK(getcwd(cwd, sizeof cwd) != NULL);
    CHECK_STR(strrchr(cwd, '/'), "/b");
}

TEST(paths)
{
    OK(mkdir("d", 0755));
    write_file("d/f", "x");
    OK(access("d//f", F_OK));
    OK(access("./d/../d/./f", F_OK));
    OK(access("d/", F_OK));
    CHECK_ERRNO(access("d/f/", F_OK), ENOTDIR);
    CHECK_ERRNO(access("d/f/..", F_OK), ENOTDIR);
    OK(access("/../../..", F_OK));
    CHECK_ERRNO(open("d/new/", O_CREAT | O_WRONLY, 0644), EISDIR);
    char name[300];
    memset(name, 'x', sizeof name);
    name[256] = 0;
    CHECK_ERRNO(open(name, O_CREAT | O_WRONLY, 0644), ENAMETOOLONG);
    name[255] = 0;
    OK(close(OK(open(name, O_CREAT | O_WRONLY, 0644))));
    static char path[PATH_MAX + 1];
    memset(path, '/', PATH_MAX);
    CHECK_ERRNO(access(path, F_OK), ENAMETOOLONG);
    path[PATH_MAX - 1] = 0;
    OK(access(path, F_OK));
    OK(mkdir("trailing/", 0755));
    OK(rmdir("trailing/"));
}

TEST(at_calls)
{
    OK(mkdir("d", 0755));
    int d = (int)OK(open("d", O_RDONLY | O_DIRECTORY));
    OK(close(OK(openat(d, "f", O_CREAT | O_WRONLY, 0644))));
    OK(access("d/f", F_OK));
    OK(mkdirat(d, "e", 0755));
    struct stat st;
    OK(fstatat(d, "f", &st, 0));
    OK(fstatat(d, "", &st, AT_EMPTY_PATH));
    CHECK_EQ(st.st_mode & S_IFMT, S_IFDIR);
    CHECK_ERRNO(fstatat(d, "", &st, 0), ENOENT);
    OK(symlinkat("f", d, "l"));
    char target[8];
    CHECK_EQ(readlinkat(d, "l", target, sizeof target), 1);
    OK(linkat(d, "f", d, "g", 0));
    OK(renameat(d, "g", AT_FDCWD, "h"));
    OK(faccessat(d, "f", R_OK, 0));
    OK(fchmodat(d, "f", 0600, 0));
    OK(fchownat(d, "l", 1, 2, AT_SYMLINK_NOFOLLOW));
    OK(unlinkat(d, "f", 0));
    CHECK_ERRNO(unlinkat(d, "e", 0), EISDIR);
    OK(unlinkat(d, "e", AT_REMOVEDIR));
    int file = (int)OK(open("h", O_RDONLY));
    CHECK_ERRNO(openat(file, "x", O_RDONLY), ENOTDIR);
    CHECK_ERRNO(openat(99, "x", O_RDONLY), EBADF);
    OK(close(OK(openat(99, "/", O_RDONLY))));
    CHECK_ERRNO(unlinkat(d, "x", 0x8000), EINVAL);
}

TEST(working_directory)
{
    OK(mkdir("d", 0755));
    char before[PATH_MAX], after[PATH_MAX];
    CHECK(getcwd(before, sizeof before) != NULL);
    OK(chdir("d"));
    CHECK(getcwd(after, sizeof after) != NULL);
    strcat(before, "/d");
    CHECK_STR(after, before);
    CHECK_ERRNO(syscall(SYS_getcwd, after, 3), ERANGE);
    CHECK_ERRNO(chdir("missing"), ENOENT);
    OK(rmdir("../d"));
    CHECK_ERRNO(syscall(SYS_getcwd, after, sizeof after), ENOENT);
    CHECK_ERRNO(open("f", O_CREAT | O_WRONLY, 0644), ENOENT);
    OK(chdir(".."));
    int fd = (int)OK(open("/", O_RDONLY));
    OK(fchdir(fd));
    CHECK(getcwd(after, sizeof after) != NULL);
    CHECK_STR(after, "/");
}

TEST(change_root)
{
    OK(mkdir("r", 0755));
    write_file("r/f", "inside");
    CHECK_CHILD({
        OK(chroot("r"));
        OK(chdir("/"));
        CHECK_STR(read_file("/f"), "inside");
        CHECK_STR(read_file("/../../f"), "inside");
        CHECK_ERRNO(access("/etc", F_OK), ENOENT);
    });
}

TEST(modes_and_owners)
{
    write_file("f", "");
    OK(chmod("f", 04751));
    struct stat st;
    OK(stat("f", &st));
    CHECK_EQ(st.st_mode & 07777, 04751);
    OK(chown("f", 1000, 100));
    OK(stat("f", &st));
    CHECK_EQ(st.st_uid, 1000);
    CHECK_EQ(st.st_gid, 100);
    /* An owner change takes the set-user-ID bit away, also from root (chown(2)). */
    CHECK_EQ(st.st_mode & 07777, 0751);
    OK(chown("f", (uid_t)-1, 5));
    OK(stat("f", &st));
    CHECK_EQ(st.st_uid, 1000);
    CHECK_EQ(st.st_gid, 5);
    umask(027);
    OK(close(OK(open("g", O_CREAT | O_WRONLY, 0777))));
    OK(stat("g", &st));
    CHECK_EQ(st.st_mode & 07777, 0750);
    CHECK_EQ(umask(0), 027);
}

TEST(set_group_id_directory)
{
    OK(mkdir("d", 0755));
    OK(chown("d", 0, 100));
    OK(chmod("d", 02775));
    write_file("d/f", "");
    OK(mkdir("d/e", 0755));
    struct stat st;
    OK(stat("d/f", &st));
    CHECK_EQ(st.st_gid, 100);
    OK(stat("d/e", &st));
    CHECK_EQ(st.st_gid, 100);
    CHECK_EQ(st.st_mode & S_ISGID, S_ISGID);
}

TEST(special_files)
{
    OK(mknod("p", S_IFIFO | 0644, 0));
    OK(mknod("n", S_IFCHR | 0666, (1 << 8) | 3));
    OK(mknod("r", S_IFREG | 0600, 0));
    struct stat st;
    OK(stat("n", &st));
    CHECK_EQ(st.st_rdev, (1 << 8) | 3);
    int fd = (int)OK(open("n", O_RDWR));
    CHECK_EQ(write(fd, "x", 1), 1);
    char c;
    CHECK_EQ(read(fd, &c, 1), 0);
    OK(mknod("none", S_IFCHR | 0666, (250 << 8) | 99));
    CHECK_ERRNO(open("none", O_RDONLY), ENXIO);
    CHECK_ERRNO(mknod("d", S_IFDIR | 0755, 0), EPERM);
    CHECK_ERRNO(open("p", O_WRONLY | O_NONBLOCK), ENXIO);
}

TEST(file_system_numbers)
{
    struct statfs fs;
    OK(statfs("/tmp", &fs));
    CHECK_EQ(fs.f_type, 0x01021994 /* TMPFS_MAGIC */);
    CHECK_EQ(fs.f_bsize, 4096);
    CHECK_EQ(fs.f_namelen, 255);
    CHECK(fs.f_bfree <= fs.f_blocks);
    OK(statfs("/proc", &fs));
    CHECK_EQ(fs.f_type, 0x9fa0 /* PROC_SUPER_MAGIC */);
    int fd = (int)OK(open("/dev/pts", O_RDONLY));
    OK(fstatfs(fd, &fs));
    CHECK_EQ(fs.f_type, 0x1cd1 /* DEVPTS_SUPER_MAGIC */);
}
