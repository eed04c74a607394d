// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Ostd.Devices;
using Ostd.Memory;

namespace Kernel.Tests.Oops;

/// <summary>Bugs that the CPU or the runtime notices.</summary>
internal static class FaultBugs
{
    private interface ISpeaker
    {
        int Speak();
    }

    private sealed class Holder : ISpeaker
    {
        public object? Reference;
        public int Number;

        public int Speak() => ++Number;
    }

    private sealed class Faulty
    {
        public static readonly int Value = Divide(7, 0);
    }

    public static void AddTo(List<KeyValuePair<string, Action>> bugs)
    {
        bugs.Add(new("divide", static () => Divide(1, 0)));
        bugs.Add(new("divide-overflow", static () => Divide(int.MinValue, -1)));
        bugs.Add(new("divide-overflow-long", static () => DivideLong(long.MinValue, -1)));
        bugs.Add(new("checked-overflow", static () => AddChecked(int.MaxValue, 1)));
        bugs.Add(new("null-read", static () => ReadNumber(null)));
        bugs.Add(new("null-write-barrier", static () => StoreReference(null, "x")));
        bugs.Add(new("null-dispatch", static () => CallInterface(null)));
        bugs.Add(new("index", static () => Element(new int[3], 3)));
        bugs.Add(new("cast", static () => Cast("text")));
        bugs.Add(new("array-store", static () => StoreElement(new string[1], new Holder())));
        bugs.Add(new("static-constructor", static () => ReadFaulty()));
        bugs.Add(new("frame-released-twice", ReleaseFrameTwice));
        bugs.Add(new("stack", static () => Recurse(0)));
        bugs.Add(new("stack-large-frames", static () => RecurseWithBuffer(0)));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int Divide(int left, int right) => left / right;

    // The registers lie between memory and the chipset's, where nothing answers.
    internal static void ReadRegisterInInterrupt()
    {
        if (!IoMem.TryAcquire(0x8000_0000, 16, out var memory))
        {
            throw new InvalidOperationException("the free range is taken");
        }

        var register = memory.Register<uint>(0);
        memory.Dispose();
        KeyboardInterrupt.Run(() => ReadRegister(register));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint ReadRegister(IoRegister<uint> register) => register.Read() + 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static int ReadNull() => ReadNumber(null);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long DivideLong(long left, long right) => left / right;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int AddChecked(int left, int right) => checked(left + right);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadNumber(Holder? holder) => holder!.Number;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreReference(Holder? holder, object value) => holder!.Reference = value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CallInterface(ISpeaker? speaker) => speaker!.Speak();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Element(int[] array, int index) => array[index];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Holder Cast(object value) => (Holder)value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreElement(object[] array, object value) => array[0] = value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadFaulty() => Faulty.Value;

    // No client of OSTD can free a frame twice: its generation has passed.
    private static void ReleaseFrameTwice()
    {
        if (Frame.TryAllocate(out var frame))
        {
            frame.Release();
            frame.Release();
        }
    }

    // Not a tail call: there is work left when the inner one returns.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => Recurse(depth + 1) + depth;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int RecurseWithBuffer(int depth)
    {
        Span<byte> buffer = stackalloc byte[1000];
        buffer[depth % buffer.Length] = 1;
        return RecurseWithBuffer(depth + 1) + buffer[depth % 7];
    }
}
