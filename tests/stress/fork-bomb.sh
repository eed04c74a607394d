#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# 2,000 short-lived processes, 500 alive at once, four times over; then memory has to be back within 2 MB.

# Memory in use, in kB, after the kernel's heap was collected (only this kernel has one).
used() {
    [ ! -w /proc/asterion/gc ] || echo collect >/proc/asterion/gc
    awk '/^MemTotal:/ {total = $2} /^MemFree:/ {free = $2} /^Cached:/ {cached = $2} END {print total - free - cached}' /proc/meminfo
}

# All of them wait for the pipe's other end to close, so that they are alive at the same time.
round() {
    rm -f gate
    mkfifo gate
    i=0
    while [ $i -lt 500 ]; do
        (read -r _ <gate; exit 0) &
        i=$((i + 1))
    done
    exec 9>gate
    alive=$(ls -d /proc/[0-9]* | wc -l)
    [ "$alive" -ge 500 ] || { echo "only $alive processes"; exit 1; }
    exec 9>&-
    wait
}

cd /tmp || exit 1
round
before=$(used)
for _ in 1 2 3 4; do
    round
done
after=$(used)
echo "used before $before kB, after $after kB"
[ $((after - before)) -le 2048 ]
