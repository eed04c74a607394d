// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using Asterion.Compiler.Analysis;
using Asterion.Compiler.IL;
using Asterion.Compiler.Import;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Preinit;

/// <summary>
/// Evaluates one class constructor. It knows the instructions that initialisers are made of and gives up at any other, at any exception, and at whatever could depend on the time
/// at which the constructor runs. Giving up has no effects.
/// </summary>
internal sealed partial class Interpreter(Compilation compilation, Preinitializer preinitializer, DefType type)
{
    private const int MostSteps = 50_000;
    private const int LargestObject = 64 * 1024;
    private const int DeepestCall = 50;

    private readonly Dictionary<FieldDef, PreMemory> _statics = [];
    private int _steps;
    private int _depth;

    private FieldLayout Layout => compilation.Layout;

    private VirtualMethods Virtuals => compilation.Virtuals;

    private string DelegateThunk(DefType delegateType) => compilation.DelegateThunk(delegateType, Emit.DelegateThunkKind.OpenStatic);

    /// <summary>The static fields' content after the constructor.</summary>
    public Dictionary<FieldDef, PreMemory> RunClassConstructor()
    {
        Call(type.ClassConstructor!, []);
        return _statics;
    }

    private PreValue? Call(MethodDesc method, PreValue[] arguments)
    {
        if (compilation.Substitutions.ConstantOf(method) is { } constant)
        {
            return method.Signature.Return.Kind == TypeKind.Void ? null : new IntegerValue(Emit.IrTypes.Stack(method.Signature.Return), constant);
        }

        if (!method.Definition.HasBody || method.Definition.IsIntrinsic || compilation.Substitutions.IsRemoved(method))
        {
            throw new PreinitException($"calls {method}");
        }

        // A precise constructor would start here.
        if (method.Owner != type && !method.Owner.Definition.IsBeforeFieldInit && method.Owner.ClassConstructor is not null
            && (method.Definition.IsStatic || method.Definition.IsConstructor) && !preinitializer.IsDone(method.Owner))
        {
            throw new PreinitException($"starts the class constructor of {method.Owner}");
        }

        if (++_depth > DeepestCall)
        {
            throw new PreinitException("calls too deep");
        }

        var il = new MethodIL(method);
        if (il.Clauses.Length > 0)
        {
            throw new PreinitException($"exception clauses in {method}");
        }

        PreValue? result = new Frame(this, method, il, arguments).Run();
        _depth--;
        return result;
    }

    private PreMemory OwnStatic(FieldDesc field)
    {
        if (field.Owner != type || field.Definition.IsThreadStatic || field.Definition.RelativeVirtualAddress != 0)
        {
            throw new PreinitException($"uses {field}");
        }

        if (!_statics.TryGetValue(field.Definition, out PreMemory? memory))
        {
            _statics.Add(field.Definition, memory = new PreMemory(Layout.SizeOf(field.Type)));
        }

        return memory;
    }

    // Of other types only what never changes: fields that are read-only and were evaluated too. What an object holds may change.
    private PreValue LoadStatic(FieldDesc field)
    {
        if (field.Owner == type)
        {
            return OwnStatic(field).Load(field.Type, 0, Layout);
        }

        if (compilation.Substitutions.ConstantOf(field) is { } constant)
        {
            return new IntegerValue(Emit.IrTypes.Stack(field.Type), constant);
        }

        if ((field.Definition.Attributes & FieldAttributes.InitOnly) == 0 || field.Definition.RelativeVirtualAddress != 0 || field.Definition.IsThreadStatic
            || field.Owner.ClassConstructor is null || !preinitializer.IsDone(field.Owner))
        {
            throw new PreinitException($"reads {field}");
        }

        PreValue value = (preinitializer.InitialValue(field) ?? new PreMemory(Layout.SizeOf(field.Type))).Load(field.Type, 0, Layout);
        if (value is ReferenceValue { Target: { Literal: null } target })
        {
            target.IsForeign = true;
        }

        return value is StructValue { Memory.Links.Count: > 0 } ? throw new PreinitException($"reads {field}") : value;
    }

    private PreObject Allocate(TypeDesc allocated, int size)
    {
        if (size > LargestObject)
        {
            throw new PreinitException($"an object of {size} bytes");
        }

        if (allocated is DefType defined && (defined.Definition.IsAbstract || HasFinalizer(defined)))
        {
            throw new PreinitException($"an object of {allocated}");
        }

        return new PreObject(allocated, size);
    }

    private static bool HasFinalizer(DefType defined)
    {
        for (DefType? current = defined; current is { IsObject: false }; current = current.Base)
        {
            if (current.Definition.Methods.Any(m => m.Name == "Finalize" && m.IsVirtual))
            {
                return true;
            }
        }

        return false;
    }

    private void CountStep()
    {
        if (++_steps > MostSteps)
        {
            throw new PreinitException("takes too long");
        }
    }

    /// <summary>One method that is being evaluated.</summary>
    private sealed partial class Frame
    {
        private readonly Interpreter _interpreter;
        private readonly MethodDesc _method;
        private readonly MethodIL _il;
        private readonly (TypeDesc Type, PreMemory? Memory, PreValue? Value)[] _arguments;
        private readonly (TypeDesc Type, PreMemory? Memory, PreValue? Value)[] _locals;
        private readonly Stack<PreValue> _stack = new();

        public Frame(Interpreter interpreter, MethodDesc method, MethodIL il, PreValue[] arguments)
        {
            _interpreter = interpreter;
            _method = method;
            _il = il;
            IEnumerable<TypeDesc> types = method.Signature.Parameters;
            if (method.Signature.IsInstance)
            {
                types = types.Prepend(method.Owner.IsValueType ? method.System.GetByRef(method.Owner) : method.Owner);
            }

            _arguments = [.. types.Zip(arguments, (t, a) => NewVariable(t, a))];
            _locals = Array.ConvertAll(il.Locals, t => NewVariable(t, null));
        }

        private FieldLayout Layout => _interpreter.Layout;

        public PreValue? Run()
        {
            int offset = 0;
            while (true)
            {
                _interpreter.CountStep();
                Instruction instruction = Instruction.Read(_il.Code, offset);
                if (instruction.OpCode == ILOpCode.Ret)
                {
                    return _method.Signature.Return.Kind == TypeKind.Void ? null : _stack.Pop();
                }

                offset = Branch(instruction) ?? instruction.Next;
                if (offset == instruction.Next && !IsBranch(instruction.OpCode))
                {
                    Execute(instruction);
                }
            }
        }

        // A ref is kept as a value; everything else has memory, so that its address can be taken.
        private (TypeDesc Type, PreMemory? Memory, PreValue? Value) NewVariable(TypeDesc variable, PreValue? value)
        {
            if (variable.Kind == TypeKind.ByRef)
            {
                return (variable, null, value);
            }

            var memory = new PreMemory(Layout.SizeOf(variable));
            if (value is not null)
            {
                memory.Store(variable, 0, value, Layout);
            }

            return (variable, memory, null);
        }

        private void Load((TypeDesc Type, PreMemory? Memory, PreValue? Value) variable) =>
            _stack.Push(variable.Memory is not null ? variable.Memory.Load(variable.Type, 0, Layout) : variable.Value ?? throw new PreinitException("an empty ref"));

        private void LoadAddress((TypeDesc Type, PreMemory? Memory, PreValue? Value) variable) =>
            _stack.Push(new AddressValue(variable.Memory ?? throw new PreinitException("the address of a ref"), 0));

        private void Store(ref (TypeDesc Type, PreMemory? Memory, PreValue? Value) variable)
        {
            if (variable.Memory is not null)
            {
                variable.Memory.Store(variable.Type, 0, _stack.Pop(), Layout);
            }
            else
            {
                variable.Value = _stack.Pop();
            }
        }

        private T Pop<T>()
            where T : PreValue => (_stack.TryPop(out PreValue? top) ? top : null) as T ?? throw new PreinitException($"no {typeof(T).Name} on the stack");

        private PreObject PopObject()
        {
            PreObject target = Pop<ReferenceValue>().Target ?? throw new PreinitException("a null reference");
            return target.IsForeign || target.Literal is not null ? throw new PreinitException($"looks into an object of {target.Type}") : target;
        }

        private static bool IsBranch(ILOpCode opcode) => opcode is (>= ILOpCode.Br_s and <= ILOpCode.Blt_un) or ILOpCode.Switch;
    }
}
