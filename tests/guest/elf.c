/* SPDX-License-Identifier: MPL-2.0 */
/* Malformed programs: execve(2) of ELF files that are cut off, overlap, are huge or for another machine never harm the kernel. */
#include "harness.h"

#include <elf.h>

/* A correct little program: exit(7). */
#ifdef __riscv
static const unsigned char code[] = {0x13, 0x05, 0x70, 0x00, 0x93, 0x08, 0xd0, 0x05, 0x73, 0x00, 0x00, 0x00};
enum { MACHINE = EM_RISCV };
#else
static const unsigned char code[] = {0xbf, 7, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05};
enum { MACHINE = EM_X86_64 };
#endif

struct image {
    Elf64_Ehdr header;
    Elf64_Phdr segment[4];
    unsigned char text[sizeof code];
};

static struct image correct_image(void)
{
    struct image image = {
        .header = {
            .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
            .e_type = ET_EXEC, .e_machine = MACHINE, .e_version = EV_CURRENT, .e_entry = 0x400000 + offsetof(struct image, text),
            .e_phoff = offsetof(struct image, segment), .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
        },
        .segment = {{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0x400000, .p_filesz = sizeof(struct image), .p_memsz = sizeof(struct image), .p_align = 4096}},
    };
    memcpy(image.text, code, sizeof code);
    return image;
}

static void write_image(const void *image, size_t size)
{
    unlink("program");
    int fd = (int)OK(open("program", O_WRONLY | O_CREAT | O_TRUNC, 0755));
    CHECK_EQ(write(fd, image, size), (ssize_t)size);
    OK(close(fd));
}

/* Runs the program. Gives its wait status, or the negated errno of execve. */
static int run_program(void)
{
    int p[2];
    OK(pipe2(p, O_CLOEXEC));
    int status = CHILD({
        execve("./program", (char *[]){"program", NULL}, (char *[]){NULL});
        int error = errno;
        write(p[1], &error, sizeof error);
        _exit(1);
    });
    OK(close(p[1]));
    int error;
    ssize_t count = OK(read(p[0], &error, sizeof error));
    OK(close(p[0]));
    return count == sizeof error ? -error : status;
}

static int run_image(const struct image *image)
{
    write_image(image, sizeof *image);
    return run_program();
}

/* It was refused, or died of a signal: anything but success. */
static void check_refused_or_killed(const struct image *image)
{
    int result = run_image(image);
    CHECK(result < 0 || WIFSIGNALED(result));
}

TEST(correct_program_runs)
{
    struct image image = correct_image();
    CHECK_EQ(WEXITSTATUS(run_image(&image)), 7);
}

TEST(position_independent_program_runs)
{
    struct image image = correct_image();
    image.header.e_type = ET_DYN;
    image.header.e_entry -= 0x400000;
    image.segment[0].p_vaddr = 0;
    CHECK_EQ(WEXITSTATUS(run_image(&image)), 7);
}

TEST(wrong_headers)
{
    struct image image = correct_image();
    image.header.e_machine = EM_AARCH64;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image = correct_image();
    image.header.e_ident[EI_MAG0] = 0;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image = correct_image();
    image.header.e_type = ET_REL;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image = correct_image();
    image.header.e_phentsize = 7;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image = correct_image();
    image.header.e_phnum = 0;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image = correct_image();
    image.header.e_phnum = 0xffff;
    CHECK(run_image(&image) < 0);
    image = correct_image();
    image.header.e_phoff = 0x7fffffffffffffff;
    CHECK(run_image(&image) < 0);
    image = correct_image();
    image.header.e_phoff = (Elf64_Off)-8;
    CHECK(run_image(&image) < 0);
}

TEST(cut_off_anywhere)
{
    struct image image = correct_image();
    for (size_t size = 0; size < sizeof image; size += size < 80 ? 1 : 7) {
        write_image(&image, size);
        int result = run_program();
        /* With the headers complete the program may start, and then lacks some of its code. */
        if (size < offsetof(struct image, segment) + sizeof(Elf64_Phdr))
            CHECK(result < 0);
        else
            CHECK(result < 0 || WIFSIGNALED(result) || WEXITSTATUS(result) == 7);
    }
}

TEST(segments_at_bad_addresses)
{
    const Elf64_Addr addresses[] = {0xffffffff80000000, 0xffff800000000000, 0x800000000000, 0x7fffffffffff000, 0xfffffffffffff000, 0x7ffffffff000};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct image image = correct_image();
        image.segment[0].p_vaddr = addresses[i];
        image.header.e_entry = addresses[i] + offsetof(struct image, text);
        int result = run_image(&image);
        CHECK(result < 0 || WIFSIGNALED(result) || WEXITSTATUS(result) == 7);
    }
}

TEST(entry_at_bad_addresses)
{
    const Elf64_Addr addresses[] = {0, 0xffffffff80000000, 0x8000000000000000, 0x7ffffffff000, 0xfffffffffffffff0};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct image image = correct_image();
        image.header.e_entry = addresses[i];
        check_refused_or_killed(&image);
    }
}

TEST(bad_sizes)
{
    struct image image = correct_image();
    image.segment[0].p_filesz = image.segment[0].p_memsz + 1;
    check_refused_or_killed(&image);
    image = correct_image();
    image.segment[0].p_memsz = (Elf64_Xword)1 << 62;
    check_refused_or_killed(&image);
    image = correct_image();
    image.segment[0].p_memsz = (Elf64_Xword)-1;
    check_refused_or_killed(&image);
    image = correct_image();
    image.segment[0].p_filesz = image.segment[0].p_memsz = (Elf64_Xword)-4096;
    check_refused_or_killed(&image);
    image = correct_image();
    image.segment[0].p_offset = 0x7ffffffffffff000;
    check_refused_or_killed(&image);
    image = correct_image();
    image.segment[0].p_offset = 8;
    check_refused_or_killed(&image);
    /* Larger than memory, yet never touched: it may run. */
    image = correct_image();
    image.header.e_phnum = 2;
    image.segment[1] = (Elf64_Phdr){.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = 0x10000000, .p_memsz = (Elf64_Xword)1 << 40, .p_align = 4096};
    int result = run_image(&image);
    CHECK(result < 0 || WIFSIGNALED(result) || WEXITSTATUS(result) == 7);
}

TEST(overlapping_segments)
{
    struct image image = correct_image();
    image.header.e_phnum = 3;
    image.segment[1] = image.segment[2] = image.segment[0];
    image.segment[1].p_flags = PF_R | PF_W;
    image.segment[2].p_memsz = 3 * 4096;
    int result = run_image(&image);
    CHECK(result < 0 || WIFSIGNALED(result) || WEXITSTATUS(result) == 7);
    image.segment[2] = image.segment[0];
    image.segment[2].p_vaddr = 0x3ff000;
    image.segment[2].p_memsz = 2 * 4096;
    result = run_image(&image);
    CHECK(result < 0 || WIFSIGNALED(result) || WEXITSTATUS(result) == 7);
}

TEST(no_segments)
{
    struct image image = correct_image();
    image.segment[0].p_type = PT_NOTE;
    check_refused_or_killed(&image);
}

TEST(bad_interpreters)
{
    struct image image = correct_image();
    image.header.e_phnum = 2;
    image.segment[1] = image.segment[0];
    image.segment[0] = (Elf64_Phdr){.p_type = PT_INTERP, .p_offset = offsetof(struct image, segment[3]), .p_filesz = 16, .p_memsz = 16};
    strcpy((char *)&image.segment[3], "/no/interpreter");
    CHECK_EQ(run_image(&image), -ENOENT);
    memset(&image.segment[3], 'x', 16);
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image.segment[0].p_filesz = 0;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image.segment[0].p_filesz = 1 << 30;
    CHECK_EQ(run_image(&image), -ENOEXEC);
    image.segment[0].p_filesz = 16;
    image.segment[0].p_offset = 0x7fffffff;
    CHECK(run_image(&image) < 0);
    strcpy((char *)&image.segment[3], "/etc/passwd");
    image.segment[0].p_offset = offsetof(struct image, segment[3]);
    image.segment[0].p_filesz = 12;
    CHECK(run_image(&image) < 0);
}

TEST(random_damage)
{
    uint32_t seed = 12345;
    for (int round = 0; round < 400; round++) {
        struct image image = correct_image();
        image.header.e_phnum = 1 + round % 4;
        for (int i = 1; i < 4; i++)
            image.segment[i] = image.segment[0];
        for (int i = 0; i < 6; i++) {
            seed = seed * 1664525 + 1013904223;
            ((unsigned char *)&image)[16 + (seed >> 8) % (offsetof(struct image, text) - 16)] ^= (unsigned char)(1 << (seed >> 29));
        }
        /* Whatever it does: this process is still here, and the kernel too. */
        pid_t child = (pid_t)OK(fork());
        if (child == 0) {
            alarm(5);
            write_image(&image, sizeof image);
            execve("./program", (char *[]){"program", NULL}, (char *[]){NULL});
            _exit(1);
        }
        int status;
        OK(waitpid(child, &status, 0));
    }
}

TEST(a_running_program_cannot_be_written)
{
    CHECK_EQ(system("cp /bin/busybox sleeper"), 0);
    pid_t child = (pid_t)OK(fork());
    if (child == 0)
        execl("./sleeper", "sleep", "100", NULL);
    char path[64], target[256] = {0};
    snprintf(path, sizeof path, "/proc/%d/exe", child);
    AWAIT(readlink(path, target, sizeof target - 1) > 0 && strstr(target, "/sleeper") != NULL);
    CHECK_ERRNO(open("sleeper", O_WRONLY), ETXTBSY);
    OK(kill(child, SIGKILL));
    OK(waitpid(child, NULL, 0));
    int fd = (int)OK(open("sleeper", O_WRONLY));
    CHECK_ERRNO(execl("./sleeper", "true", NULL), ETXTBSY);
    OK(close(fd));
}
