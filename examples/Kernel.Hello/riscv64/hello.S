# SPDX-License-Identifier: MPL-2.0
# write(1, message, length), then exit(0): all that the kernel beside it can do.
    .section .rodata
message:
    .ascii "Hello, world\n"
    .set message_length, 13

    .globl _start
    .text
_start:
    li a0, 1
    lla a1, message
    li a2, message_length
    li a7, 64
    ecall
    li a0, 0
    li a7, 93
    ecall
