# SPDX-License-Identifier: MPL-2.0
# write(1, message, length), then exit(0): all that the kernel beside it can do.
    .section .rodata
message:
    .ascii "Hello, world\n"
    .set message_length, 13

    .globl _start
    .text
_start:
    li.w $a0, 1
    la.pcrel $a1, message
    li.w $a2, message_length
    li.w $a7, 64
    syscall 0
    li.w $a0, 0
    li.w $a7, 93
    syscall 0
