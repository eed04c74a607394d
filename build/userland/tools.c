/* SPDX-License-Identifier: MPL-2.0 */
/* The few programs that a person wants to look around with, in one: its name decides which it is. They have no options. */
#include "free.h"

static int complain(const char *tool, const char *what, long error)
{
    print_to(2, "%s: %s: error %ld\n", tool, what, -error);
    return 1;
}

static int copy_to_output(const char *name, int fd)
{
    static char buffer[65536];
    long count;
    while ((count = read(fd, buffer, sizeof buffer)) > 0)
        if (!write_all(1, buffer, (size_t)count))
            return 1;
    return count < 0 ? complain("cat", name, count) : 0;
}

static int cat(int count, char **arguments)
{
    int status = count < 2 ? copy_to_output("standard input", 0) : 0;
    for (int i = 1; i < count; i++) {
        long fd = open(arguments[i], O_RDONLY, 0);
        if (fd < 0) {
            status = complain("cat", arguments[i], fd);
            continue;
        }
        status |= copy_to_output(arguments[i], (int)fd);
        close((int)fd);
    }
    return status;
}

static int echo(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        write_all(1, " ", i > 1);
        write_all(1, arguments[i], strlen(arguments[i]));
    }
    return write_all(1, "\n", 1) ? 0 : 1;
}

static int list_folder(const char *path)
{
    static char entries[32768];
    long fd = open(path, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return complain("ls", path, fd);
    long count;
    while ((count = SYSCALL(getdents64, fd, entries, sizeof entries)) > 0) {
        for (long at = 0; at < count;) {
            struct directory_entry *entry = (struct directory_entry *)(entries + at);
            at += entry->length;
            if (entry->name[0] != '.')
                print("%s\n", entry->name);
        }
    }
    close((int)fd);
    return count < 0 ? complain("ls", path, count) : 0;
}

static int ls(int count, char **arguments)
{
    int status = count < 2 ? list_folder(".") : 0;
    for (int i = 1; i < count; i++)
        status |= list_folder(arguments[i]);
    return status;
}

static int uname(int count, char **arguments)
{
    (void)count, (void)arguments;
    struct system_name name;
    long error = SYSCALL(uname, &name);
    if (error < 0)
        return complain("uname", "the system's name", error);
    print("%s %s %s %s %s\n", name.system, name.node, name.release, name.version, name.machine);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(int count, char **arguments);
} tools[] = {{"cat", cat}, {"echo", echo}, {"ls", ls}, {"uname", uname}};

int main(int count, char **arguments)
{
    const char *name = arguments[0];
    for (const char *slash; (slash = strchr(name, '/'));)
        name = slash + 1;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (strcmp(name, tools[i].name) == 0)
            return tools[i].run(count, arguments);
    print_to(2, "%s: no such tool\n", name);
    return 127;
}
