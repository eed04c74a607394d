#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# 10,000 processes, one after the other; then memory has to be back within 2 MB.

used() {
    [ ! -w /proc/asterion/gc ] || echo collect >/proc/asterion/gc
    awk '/^MemTotal:/ {total = $2} /^MemFree:/ {free = $2} /^Cached:/ {cached = $2} END {print total - free - cached}' /proc/meminfo
}

run() {
    i=0
    while [ $i -lt "$1" ]; do
        /bin/busybox true || exit 1
        i=$((i + 1))
    done
}

run 100
before=$(used)
run 10000
after=$(used)
echo "used before $before kB, after $after kB"
[ $((after - before)) -le 2048 ]
