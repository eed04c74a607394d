// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Kernel.Process.Execution;

/// <summary>Entries of the auxiliary vector (man 3 getauxval).</summary>
internal enum AuxiliaryType : ulong
{
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_BASE = 7,
    AT_FLAGS = 8,
    AT_ENTRY = 9,
    AT_UID = 11,
    AT_EUID = 12,
    AT_GID = 13,
    AT_EGID = 14,
    AT_PLATFORM = 15,
    AT_HWCAP = 16,
    AT_CLKTCK = 17,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_HWCAP2 = 26,
    AT_EXECFN = 31,
    AT_MINSIGSTKSZ = 51,
}

/// <summary>
/// The first contents of a program's stack (System V ABI for AMD64, 3.4.1; the other architectures have the same): argc, argv, envp and the auxiliary vector at the stack pointer, above them the
/// strings in the order that ps and setproctitle rely on: arguments, environment, file name.
/// </summary>
internal sealed class StackImage
{
    private StackImage(byte[] bytes) => Bytes = bytes;

    /// <summary>What lies between <see cref="StackPointer"/> and the top.</summary>
    public byte[] Bytes { get; }

    public ulong StackPointer { get; private init; }

    public ulong ArgumentsStart { get; private init; }

    public ulong ArgumentsEnd { get; private init; }

    public ulong EnvironmentEnd { get; private init; }

    /// <summary>The auxiliary vector's bytes (<c>/proc/pid/auxv</c>).</summary>
    public byte[] AuxiliaryVector { get; private init; } = [];

    /// <summary>Lays the stack out below <paramref name="top"/>.</summary>
    /// <param name="random">16 bytes for AT_RANDOM.</param>
    /// <param name="auxiliary">Entries with plain values; AT_RANDOM, AT_EXECFN, AT_PLATFORM and AT_NULL are added here.</param>
    public static StackImage Build(ulong top, ProgramArguments program, ReadOnlySpan<byte> random, string platform, ReadOnlySpan<(AuxiliaryType Type, ulong Value)> auxiliary)
    {
        var arguments = program.Arguments;
        var environment = program.Environment;
        const int Alignment = 16;

        // From the top down: a null word, the file name, the strings, platform and random bytes.
        var fileName = top - 8 - (ulong)program.FileName.Length - 1;
        var environmentStart = fileName - (ulong)environment.Length;
        var argumentsStart = environmentStart - (ulong)arguments.Length;
        var platformAddress = argumentsStart - (ulong)platform.Length - 1;
        var randomAddress = (platformAddress - (ulong)random.Length) & ~(ulong)(Alignment - 1);

        var words = 1 + arguments.Count + 1 + environment.Count + 1;
        var auxiliaryWords = (auxiliary.Length + 4) * 2;
        var stackPointer = (randomAddress - 8 * (ulong)(words + auxiliaryWords)) & ~(ulong)(Alignment - 1);
        var bytes = new byte[(int)(top - stackPointer)];

        var position = 0;
        void Push(ulong value)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(position), value);
            position += 8;
        }

        void PushPointers(StringTable table, ulong address)
        {
            var rest = table.Bytes;
            while (!rest.IsEmpty)
            {
                Push(address);
                var length = rest.IndexOf((byte)0) + 1;
                address += (ulong)length;
                rest = rest[length..];
            }

            Push(0);
        }

        Push((ulong)arguments.Count);
        PushPointers(arguments, argumentsStart);
        PushPointers(environment, environmentStart);
        var auxiliaryStart = position;
        foreach (var (type, value) in auxiliary)
        {
            Push((ulong)type);
            Push(value);
        }

        Push((ulong)AuxiliaryType.AT_RANDOM);
        Push(randomAddress);
        Push((ulong)AuxiliaryType.AT_EXECFN);
        Push(fileName);
        Push((ulong)AuxiliaryType.AT_PLATFORM);
        Push(platformAddress);
        Push((ulong)AuxiliaryType.AT_NULL);
        Push(0);
        var auxiliaryVector = bytes[auxiliaryStart..position];

        Span<byte> At(ulong address) => bytes.AsSpan((int)(address - stackPointer));
        random.CopyTo(At(randomAddress));
        System.Text.Encoding.Latin1.GetBytes(platform, At(platformAddress));
        arguments.Bytes.CopyTo(At(argumentsStart));
        environment.Bytes.CopyTo(At(environmentStart));
        program.FileName.CopyTo(At(fileName));
        return new StackImage(bytes)
        {
            StackPointer = stackPointer,
            ArgumentsStart = argumentsStart,
            ArgumentsEnd = environmentStart,
            EnvironmentEnd = fileName,
            AuxiliaryVector = auxiliaryVector,
        };
    }
}
