/* SPDX-License-Identifier: MPL-2.0 */
/* What chance decides in the loads, with a C library and without one: the seed determines all of it. */
#ifndef DICE_H
#define DICE_H

#include <stdint.h>

static uint64_t state;

/* xorshift64* (Vigna 2016). */
static uint64_t next_random(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
}

static void seed_random(uint64_t seed)
{
    state = (seed + 1) * 0x9e3779b97f4a7c15;
    next_random();
    next_random();
}

static unsigned below(unsigned limit) { return (unsigned)(next_random() >> 33) % limit; }

#endif
