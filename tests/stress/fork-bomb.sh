#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# 2,000 short-lived processes, 500 alive at once, four times over; then memory has to be back within 2 MB.
# What is in use after a round goes up and down by a megabyte: a kernel object that lives on keeps the page or block around it. A leak only adds up, so the less of the last two rounds counts.

# Memory in use, in kB, after the kernel's heap was collected (only this kernel has one).
used() {
    [ ! -w /proc/asterion/gc ] || echo collect >/proc/asterion/gc
    awk '/^MemTotal:/ {total = $2} /^MemFree:/ {free = $2} /^Cached:/ {cached = $2} END {print total - free - cached}' /proc/meminfo
}

# All of them wait for the gate's other end to close, so that they are alive at the same time. Each says first that it has opened the gate: one that comes when the
# gate is closed again waits for ever for somebody to open it (fifo(7)). Descriptor 8 holds both ends of the second pipe, so that no open of it waits.
round() {
    rm -f gate ready
    mkfifo gate ready
    exec 8<>ready
    i=0
    while [ $i -lt 500 ]; do
        (exec <gate; echo >&8; read -r _; exit 0) &
        i=$((i + 1))
    done
    exec 9>gate
    while [ $i -gt 0 ]; do
        read -r _ <&8
        i=$((i - 1))
    done
    alive=$(ls -d /proc/[0-9]* | wc -l)
    [ "$alive" -ge 500 ] || { echo "only $alive processes"; exit 1; }
    exec 9>&- 8>&-
    wait
}

cd /tmp || exit 1
round
before=$(used)
for _ in 1 2 3; do
    round
done
after=$(used)
round
last=$(used)
[ "$last" -ge "$after" ] || after=$last
echo "used before $before kB, after $after kB"
[ $((after - before)) -le 2048 ]
