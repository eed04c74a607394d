/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

/* The machine has a virtio entropy device on PCI, if the command line says so. Each read is a request, and its end an interrupt of the device's: by a message, or by its pin. */
TEST(random_device_on_pci_answers)
{
    enum { READS = 64 };
    if (!strstr(read_file("/proc/cmdline"), "test.hwrng"))
        return;
    int fd = (int)OK(open("/dev/hwrng", O_RDONLY, 0));
    uint64_t last[2] = {0}, bytes[2] = {0};
    for (int i = 0; i < READS; i++) {
        CHECK_EQ(read(fd, bytes, sizeof bytes), sizeof bytes);
        CHECK(memcmp(bytes, last, sizeof bytes) != 0);
        memcpy(last, bytes, sizeof bytes);
    }
}
