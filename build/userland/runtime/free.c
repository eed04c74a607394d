/* SPDX-License-Identifier: MPL-2.0 */
#include "free.h"

enum { LINE_SIZE = 4096 };

/* What the kernel's struct sigaction is: x86-64 has the address of the code that returns from a handler in it, the others have that code in the kernel. */
struct kernel_action {
    signal_handler handler;
    unsigned long flags;
#if defined(__x86_64__)
    void (*restorer)(void);
#endif
    uint64_t mask;
};

#if defined(__x86_64__)
void signal_return(void);
#endif

typedef void (*constructor)(void);
extern constructor __init_array_start[] __attribute__((visibility("hidden")));
extern constructor __init_array_end[] __attribute__((visibility("hidden")));

char **environment;
static unsigned long *auxiliary_vector;

int main(int count, char **arguments);
_Noreturn void start_program(unsigned long *stack);

_Noreturn void start_program(unsigned long *stack)
{
    int count = (int)stack[0];
    char **arguments = (char **)(stack + 1);
    environment = arguments + count + 1;
    char **end = environment;
    while (*end)
        end++;
    auxiliary_vector = (unsigned long *)(end + 1);
    for (constructor *next = __init_array_start; next < __init_array_end; next++)
        (*next)();
    exit_program(main(count, arguments));
}

_Noreturn void exit_program(int status)
{
    for (;;)
        SYSCALL(exit_group, status);
}

unsigned long auxiliary(unsigned long type)
{
    for (unsigned long *entry = auxiliary_vector; entry[0] != AT_NULL; entry += 2)
        if (entry[0] == type)
            return entry[1];
    return 0;
}

const char *get_environment(const char *name)
{
    size_t length = strlen(name);
    for (char **entry = environment; *entry; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

/* Simple loops; -fno-builtin keeps the compiler from making calls of them to themselves. */
void *memcpy(void *to, const void *from, size_t count)
{
    char *target = to;
    const char *source = from;
    for (size_t i = 0; i < count; i++)
        target[i] = source[i];
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    char *target = to;
    const char *source = from;
    if (target <= source || target >= source + count)
        return memcpy(to, from, count);
    while (count-- > 0)
        target[count] = source[count];
    return to;
}

void *memset(void *to, int value, size_t count)
{
    char *target = to;
    for (size_t i = 0; i < count; i++)
        target[i] = (char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const unsigned char *left = a, *right = b;
    for (size_t i = 0; i < count; i++)
        if (left[i] != right[i])
            return left[i] - right[i];
    return 0;
}

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i] || !a[i])
            return (unsigned char)a[i] - (unsigned char)b[i];
    return 0;
}

char *strchr(const char *text, int character)
{
    for (;; text++) {
        if (*text == (char)character)
            return (char *)text;
        if (!*text)
            return NULL;
    }
}

char *strstr(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; strncmp(text, part, length) != 0; text++)
        if (!*text)
            return NULL;
    return (char *)text;
}

/* Text that is being put together; the last byte stays free for the end. */
struct output {
    char *buffer;
    size_t size, length;
};

static void put(struct output *output, char character)
{
    if (output->length + 1 < output->size)
        output->buffer[output->length++] = character;
}

static void put_text(struct output *output, const char *text)
{
    for (; *text; text++)
        put(output, *text);
}

static void put_number(struct output *output, unsigned long long value, unsigned base)
{
    char digits[24];
    int count = 0;
    do
        digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    while (count > 0)
        put(output, digits[--count]);
}

static unsigned long long take_number(va_list *values, int longs, bool is_signed)
{
    if (longs > 0)
        return va_arg(*values, unsigned long long);
    return is_signed ? (unsigned long long)va_arg(*values, int) : va_arg(*values, unsigned);
}

size_t format_list(char *buffer, size_t size, const char *pattern, va_list list)
{
    struct output output = {buffer, size, 0};
    va_list values;
    va_copy(values, list);
    for (; *pattern; pattern++) {
        if (*pattern != '%') {
            put(&output, *pattern);
            continue;
        }
        int longs = 0;
        while (*++pattern == 'l' || *pattern == 'z')
            longs++;
        switch (*pattern) {
        case 's':
            put_text(&output, va_arg(values, const char *));
            break;
        case 'c':
            put(&output, (char)va_arg(values, int));
            break;
        case 'd': {
            long long value = (long long)take_number(&values, longs, true);
            if (value < 0)
                put(&output, '-');
            put_number(&output, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, 10);
            break;
        }
        case 'u':
            put_number(&output, take_number(&values, longs, false), 10);
            break;
        case 'x':
            put_number(&output, take_number(&values, longs, false), 16);
            break;
        case 'o':
            put_number(&output, take_number(&values, longs, false), 8);
            break;
        default:
            put(&output, *pattern);
            break;
        }
    }
    va_end(values);
    if (size > 0)
        buffer[output.length] = 0;
    return output.length;
}

size_t format(char *buffer, size_t size, const char *pattern, ...)
{
    va_list values;
    va_start(values, pattern);
    size_t length = format_list(buffer, size, pattern, values);
    va_end(values);
    return length;
}

void print_to(int fd, const char *pattern, ...)
{
    char line[LINE_SIZE];
    va_list values;
    va_start(values, pattern);
    size_t length = format_list(line, sizeof line, pattern, values);
    va_end(values);
    write_all(fd, line, length);
}

bool write_all(int fd, const void *data, size_t count)
{
    const char *next = data;
    while (count > 0) {
        long written = write(fd, next, count);
        if (written == -EINTR)
            continue;
        if (written <= 0)
            return false;
        next += written;
        count -= (size_t)written;
    }
    return true;
}

static long set_action(int signal, signal_handler handler, unsigned long flags)
{
    struct kernel_action action = {.handler = handler, .flags = flags};
#if defined(__x86_64__)
    action.flags |= SA_RESTORER;
    action.restorer = signal_return;
#endif
    return SYSCALL(rt_sigaction, signal, &action, 0, sizeof action.mask);
}

long set_handler(int signal, signal_handler handler, unsigned long flags) { return set_action(signal, handler, flags | SA_SIGINFO); }

long ignore_signal(int signal) { return set_action(signal, (signal_handler)(uintptr_t)SIG_IGN, 0); }

long default_signal(int signal) { return set_action(signal, (signal_handler)(uintptr_t)SIG_DFL, 0); }

bool find_program(const char *name, char *path, size_t size)
{
    if (strchr(name, '/')) {
        format(path, size, "%s", name);
        return SYSCALL(faccessat, AT_FDCWD, path, 0) == 0;
    }
    const char *folders = get_environment("PATH");
    while (folders && *folders) {
        const char *end = strchr(folders, ':');
        size_t length = end ? (size_t)(end - folders) : strlen(folders);
        char folder[256];
        if (length < sizeof folder) {
            memcpy(folder, folders, length);
            folder[length] = 0;
            format(path, size, "%s/%s", folder, name);
            if (SYSCALL(faccessat, AT_FDCWD, path, 0) == 0)
                return true;
        }
        folders = end ? end + 1 : NULL;
    }
    return false;
}
