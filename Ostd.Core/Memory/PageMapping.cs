// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>One mapped page, as a cursor sees it.</summary>
public readonly record struct PageMapping(Frame Frame, PageProtection Protection, bool IsAccessed, bool IsDirty);
