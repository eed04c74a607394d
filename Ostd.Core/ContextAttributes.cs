// SPDX-License-Identifier: MPL-2.0
namespace Ostd;

/// <content>Clients mark their own code.</content>
public sealed partial class NoAllocAttribute;

/// <content>Clients mark their own code.</content>
public sealed partial class InterruptSafeAttribute;
