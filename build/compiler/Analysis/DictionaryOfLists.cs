// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;

namespace Asterion.Compiler.Analysis;

/// <summary>Dictionaries of lists.</summary>
internal static class DictionaryOfLists
{
    /// <summary>A key's list, which is made when there is none.</summary>
    public static List<TValue> ListOf<TKey, TValue>(this Dictionary<TKey, List<TValue>> map, TKey key)
        where TKey : notnull
    {
        if (!map.TryGetValue(key, out List<TValue>? list))
        {
            map.Add(key, list = []);
        }

        return list;
    }
}
