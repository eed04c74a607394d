/* SPDX-License-Identifier: MPL-2.0 */
/*
 * A prompt where there is no shell: words with spaces between them, the first of which is a program; "cd FOLDER"; "exit" or Ctrl-D. A program has the terminal to itself while it runs, so that Ctrl-C reaches
 * it and not the prompt. No quotes, variables, pipes or scripts; nothing is stopped, because nothing could be continued.
 */
#include "free.h"

enum { LINE_SIZE = 4096, MAX_WORDS = 256, NOT_FOUND = 127 };

static int last_status;

static size_t split(char *line, char **words)
{
    size_t count = 0;
    for (char *next = line; *next && count < MAX_WORDS;) {
        while (*next == ' ' || *next == '\t' || *next == '\n')
            *next++ = 0;
        if (*next)
            words[count++] = next;
        while (*next && *next != ' ' && *next != '\t' && *next != '\n')
            next++;
    }
    words[count] = NULL;
    return count;
}

/* The foreground is given before the program begins and taken back after it; who is in the background asks without being stopped, because it ignores SIGTTOU (ioctl_tty(2)). */
static void give_terminal(long group)
{
    int number = (int)group;
    ioctl(0, TIOCSPGRP, &number);
}

static _Noreturn void become(char **words)
{
    SYSCALL(setpgid, 0, 0);
    give_terminal(SYSCALL(getpid));
    default_signal(SIGTTOU);
    default_signal(SIGINT);
    char path[LINE_SIZE];
    if (!find_program(words[0], path, sizeof path)) {
        print_to(2, "%s: not found\n", words[0]);
        exit_program(NOT_FOUND);
    }
    long error = execute(path, words);
    print_to(2, "%s: cannot be executed (error %ld)\n", words[0], -error);
    exit_program(NOT_FOUND - 1);
}

static void run(char **words)
{
    long child = fork();
    if (child == 0)
        become(words);
    int status;
    while (wait_for(child, &status, 0) == -EINTR) {
    }
    give_terminal(SYSCALL(getpgid, 0));
    last_status = shell_status(status);
    if (last_status != 0)
        print("status %d\n", last_status);
}

int main(void)
{
    static char line[LINE_SIZE];
    static char *words[MAX_WORDS + 1];
    ignore_signal(SIGTTOU);
    ignore_signal(SIGINT);
    ignore_signal(SIGTSTP);
    for (;;) {
        print("> ");
        long length = read(0, line, sizeof line - 1);
        if (length <= 0)
            return last_status;
        line[length] = 0;
        size_t count = split(line, words);
        if (count == 0)
            continue;
        if (strcmp(words[0], "exit") == 0)
            return last_status;
        if (strcmp(words[0], "cd") == 0) {
            long error = SYSCALL(chdir, count > 1 ? words[1] : "/root");
            if (error < 0)
                print_to(2, "cd: error %ld\n", -error);
            continue;
        }
        run(words);
    }
}
