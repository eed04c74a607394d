// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Asterion.Compiler.Emit;

/// <summary>Bytes with addresses in them, written as a constant of LLVM.</summary>
internal sealed class DataBuilder(int size)
{
    private readonly byte[] _bytes = new byte[(size + 7) / 8 * 8];
    private readonly SortedDictionary<int, string> _addresses = [];

    public int Size => _bytes.Length;

    public Span<byte> Bytes(int offset, int length) => _bytes.AsSpan(offset, length);

    public void Int64(int offset, long value) => BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(offset), value);

    public void Int32(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(offset), value);

    public void Int16(int offset, int value) => BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(offset), checked((ushort)value));

    /// <summary>Puts an address; null leaves zero.</summary>
    public void Address(int offset, string? symbol)
    {
        if (offset % 8 != 0)
        {
            throw new CompilationException("an address that is not aligned");
        }

        if (symbol is not null)
        {
            _addresses[offset] = symbol;
        }
    }

    /// <summary>Type and value of the constant.</summary>
    public override string ToString()
    {
        var types = new StringBuilder();
        var values = new StringBuilder();
        int at = 0;
        void Separate()
        {
            if (types.Length > 0)
            {
                types.Append(", ");
                values.Append(", ");
            }
        }

        void Plain(int end)
        {
            if (end == at)
            {
                return;
            }

            Separate();
            string type = string.Create(CultureInfo.InvariantCulture, $"[{end - at} x i8]");
            types.Append(type);
            values.Append(type).Append(" c\"");
            foreach (byte value in _bytes.AsSpan(at, end - at))
            {
                values.Append('\\').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }

            values.Append('"');
            at = end;
        }

        foreach ((int offset, string symbol) in _addresses)
        {
            Plain(offset);
            Separate();
            types.Append("ptr");
            values.Append("ptr ").Append(symbol);
            at = offset + 8;
        }

        Plain(_bytes.Length);
        return $"<{{ {types} }}> <{{ {values} }}>";
    }
}
