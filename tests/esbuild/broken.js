// SPDX-License-Identifier: MPL-2.0
export function broken(a, b {
    return a + b;
}
