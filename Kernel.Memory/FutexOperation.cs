// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Memory;

/// <summary>The operation of FUTEX_WAKE_OP: 4 bits of operation, 4 of comparison, 12 of operand, 12 of what to compare with (man 2 futex).</summary>
internal readonly struct FutexOperation
{
    private const uint ShiftOperand = 8;

    private readonly uint _operation;
    private readonly uint _comparison;
    private readonly uint _operand;
    private readonly int _compared;

    private FutexOperation(uint operation, uint comparison, uint operand, int compared)
    {
        _operation = operation;
        _comparison = comparison;
        _operand = operand;
        _compared = compared;
    }

    /// <summary>Takes it apart; false for an operation or comparison that does not exist.</summary>
    public static bool TryDecode(uint encoded, out FutexOperation operation)
    {
        uint code = encoded >> 28;

        // Both 12-bit fields are signed.
        int operand = (int)(encoded << 8) >> 20;
        int compared = (int)(encoded << 20) >> 20;
        uint value = (code & ShiftOperand) != 0 ? 1u << (operand & 31) : (uint)operand;
        uint comparison = (encoded >> 24) & 15;
        operation = new FutexOperation(code & 7, comparison, value, compared);
        return (code & 7) <= 4 && comparison <= 5;
    }

    /// <summary>The new value of the word: SET, ADD, OR, ANDN, XOR.</summary>
    public uint Apply(uint old) => _operation switch
    {
        0 => _operand,
        1 => old + _operand,
        2 => old | _operand,
        3 => old & ~_operand,
        _ => old ^ _operand,
    };

    /// <summary>The old value compares as asked: EQ, NE, LT, LE, GT, GE.</summary>
    public bool Compare(uint old) => _comparison switch
    {
        0 => (int)old == _compared,
        1 => (int)old != _compared,
        2 => (int)old < _compared,
        3 => (int)old <= _compared,
        4 => (int)old > _compared,
        _ => (int)old >= _compared,
    };
}
