/* SPDX-License-Identifier: MPL-2.0 */
/*
 * The interpreter of osdk's steps where there is no shell: a file that begins with "#!/bin/step" and then holds words, each ended by a zero byte, so that they are exact whatever is in them:
 *   the token of this boot's frames, or nothing; the folder to run in; the program; its arguments.
 * With a token, a program that does not exist is told to osdk by a frame. Statuses are a shell's: 127 for a program that is not found, 126 for one that cannot be executed.
 */
#include "free.h"

enum { FILE_SIZE = 1 << 20, MAX_WORDS = 4096, PATH_SIZE = 4096, CANNOT_EXECUTE = 126, NOT_FOUND = 127 };

static char content[FILE_SIZE];
static char *words[MAX_WORDS + 1];

static _Noreturn void fail(int status, const char *what, const char *name, long error)
{
    print_to(2, "step: %s: %s (error %ld)\n", name, what, -error);
    exit_program(status);
}

static size_t read_words(const char *path)
{
    long fd = open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        fail(CANNOT_EXECUTE, "cannot be opened", path, fd);
    size_t length = 0;
    long count;
    while ((count = read((int)fd, content + length, sizeof content - length)) > 0)
        length += (size_t)count;
    char *next = strchr(content, '\n');
    if (count < 0 || length == sizeof content || !next)
        fail(CANNOT_EXECUTE, "is no step", path, count);
    size_t number = 0;
    for (next++; next < content + length; next += strlen(next) + 1) {
        if (number == MAX_WORDS)
            fail(CANNOT_EXECUTE, "has too many words", path, 0);
        words[number++] = next;
    }
    return number;
}

int main(int count, char **arguments)
{
    if (count < 2)
        fail(CANNOT_EXECUTE, "needs a file", arguments[0], 0);
    if (read_words(arguments[1]) < 3)
        fail(CANNOT_EXECUTE, "names no program", arguments[1], 0);
    const char *token = words[0], *folder = words[1];
    char **command = words + 2;
    long error = SYSCALL(chdir, folder);
    if (error < 0)
        fail(CANNOT_EXECUTE, "is no folder to run in", folder, error);
    char path[PATH_SIZE];
    if (!find_program(command[0], path, sizeof path)) {
        if (*token)
            print("\036osdk:%s:missing:%s\n", token, command[0]);
        else
            print_to(2, "step: %s: not found\n", command[0]);
        return NOT_FOUND;
    }
    error = execute(path, command);
    fail(CANNOT_EXECUTE, "cannot be executed", command[0], error);
}
