#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# then: conformance
# 1,000 oopses, of every kind in turn. Each kills the process that caused it, and nothing else: the kernel goes on, its locks are free, and the report names the bug.

trigger=/proc/asterion/test/oops
kinds=$(grep -v '^memory$' $trigger) || exit 1

count() {
    awk '/^count / {print $2}' /proc/asterion/oops
}

# Memory in use, in kB, after the kernel's heap was collected.
used() {
    echo collect >/proc/asterion/gc
    awk '/^MemTotal:/ {total = $2} /^MemFree:/ {free = $2} /^Cached:/ {cached = $2} END {print total - free - cached}' /proc/meminfo
}

dmesg -n 1
total=0
while [ $total -lt 1000 ]; do
    for kind in $kinds; do
        (echo "$kind" >$trigger)
        status=$?
        [ $status -eq 137 ] || { echo "$kind: status $status and not 137"; exit 1; }
        total=$((total + 1))
        [ "$(count)" -eq $total ] || { echo "$kind: count is $(count) and not $total"; exit 1; }
    done
    # Takes every lock that the bugs held.
    cat $trigger >/dev/null || exit 1
    [ $total -gt 100 ] || before=$(used)
done

# A full heap is no bug: the call fails.
(echo memory >$trigger) 2>&1 | grep -q 'emory' || { echo "memory: no ENOMEM"; exit 1; }
[ "$(count)" -eq $total ] || { echo "memory: counted as an oops"; exit 1; }

# The report: the exception, the caller with file and line, the program's registers.
(echo cast >$trigger)
for part in 'InvalidCastException in system call 1 of ' 'Call trace:' 'FaultBugs__Cast+0x[0-9a-f]* (tests.Kernel.Tests.Oops.FaultBugs.cs:[0-9]*)' 'Registers of the program:'; do
    grep -q "$part" /proc/asterion/oops || { echo "the report has no '$part'"; tail -40 /proc/asterion/oops; exit 1; }
done
(echo divide-overflow >$trigger)
grep -q 'OverflowException in system call 1 of ' /proc/asterion/oops || { echo "INT_MIN / -1 is no OverflowException"; exit 1; }
after=$(used)
echo "$total oopses; used before $before kB, after $after kB"
[ $((after - before)) -le 1024 ]
