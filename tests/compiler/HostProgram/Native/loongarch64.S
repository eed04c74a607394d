# SPDX-License-Identifier: MPL-2.0
#
# What NativeCalls calls. The psABI has 32-bit integers sign-extended to the register, which the functions return as it is.

    .text

    .globl  NativeRegister
NativeRegister:
    ret

    .globl  NativeCall
NativeCall:
    move    $t0, $a0
    move    $a0, $a1
    jr      $t0

    .section .note.GNU-stack, "", @progbits
