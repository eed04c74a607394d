/* SPDX-License-Identifier: MPL-2.0 */
#include "harness.h"

int main(int count, char **arguments) { return harness_main(count, arguments); }
