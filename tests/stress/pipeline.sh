#!/bin/sh
# SPDX-License-Identifier: MPL-2.0
# Much data through many programs. The sums are those of the data itself, the same on any system.
cd /tmp || exit 1

sum=$(seq 1 100000 | sort -rn | md5sum)
[ "$sum" = "$(awk 'BEGIN {for (i = 100000; i > 0; i--) print i}' | md5sum)" ] || { echo "sort: $sum"; exit 1; }

dd if=/dev/zero of=/tmp/f bs=1M count=64 2>/dev/null || { echo dd; exit 1; }
sum=$(sha256sum /tmp/f | cut -d' ' -f1)
[ "$sum" = 3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351 ] || { echo "sha256sum: $sum"; exit 1; }
rm /tmp/f

[ "$(tar cf - /bin 2>/dev/null | gzip | gunzip | tar tf - | wc -l)" = "$(find /bin | wc -l)" ] || { echo tar; exit 1; }
[ "$(find / -xdev | wc -l)" -gt 280 ] || { echo find; exit 1; }
echo "all sums are right"
