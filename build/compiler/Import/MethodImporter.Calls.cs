// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Layout;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Calls: direct, virtual, through interfaces, constrained, through pointers and delegates; and the function pointers that delegates are made of.</summary>
internal sealed partial class MethodImporter
{
    private void ImportCall(Instruction instruction)
    {
        switch (instruction.OpCode)
        {
            case ILOpCode.Calli:
                ImportIndirectCall(_il.Scope.GetCallSignature(instruction.Token));
                break;
            case ILOpCode.Ldftn:
                LoadFunction((MethodDesc)_il.Scope.GetMethod(instruction.Token));
                break;
            case ILOpCode.Ldvirtftn:
                LoadVirtualFunction((MethodDesc)_il.Scope.GetMethod(instruction.Token));
                break;
            case ILOpCode.Newobj:
                NewObject(_il.Scope.GetMethod(instruction.Token));
                break;
            default:
                object callee = _il.Scope.GetMethod(instruction.Token);
                if (callee is ArrayMember member)
                {
                    CallArrayMember(member);
                }
                else
                {
                    CallMethod((MethodDesc)callee, instruction.OpCode == ILOpCode.Callvirt);
                }

                break;
        }
    }

    private void CallMethod(MethodDesc method, bool isVirtual)
    {
        if (TryIntrinsic(method))
        {
            return;
        }

        if (_compilation.Substitutions.ConstantOf(method) is { } constant)
        {
            PopArguments(method);
            if (method.Signature.Return.Kind != TypeKind.Void)
            {
                PushConstant(IrTypes.Stack(method.Signature.Return), constant);
            }

            return;
        }

        StackValue[] arguments = PopArguments(method);
        if (_constrained is { } constrained)
        {
            CallConstrained(constrained, method, arguments);
            return;
        }

        if (method.Owner.IsDelegate && method.Name == "Invoke")
        {
            InvokeDelegate(method, arguments);
        }
        else if (isVirtual && method.Signature.IsInstance)
        {
            CallVirtually(method, arguments);
        }
        else
        {
            if (method.Signature.IsInstance)
            {
                // C# calls Object.GetType like this on a boxed Nullable, which may be null.
                CheckNull(arguments[0]);
            }

            CallDirectly(method, arguments);
        }
    }

    /// <summary>Takes the arguments of a call off the stack: <c>this</c> first, where there is one.</summary>
    private StackValue[] PopArguments(MethodDesc method) => PopArguments(method.Signature);

    private StackValue[] PopArguments(MethodSig signature)
    {
        var arguments = new StackValue[signature.Parameters.Length + (signature.IsInstance ? 1 : 0)];
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            arguments[i] = Pop();
        }

        return arguments;
    }

    private void CallConstrained(TypeDesc constrained, MethodDesc method, StackValue[] arguments)
    {
        if (method.Definition.IsStatic)
        {
            MethodDesc found = _compilation.ResolveStaticVirtual(constrained, method);
            _constrained = null;
            if (found.Definition.IsStatic && _compilation.Substitutions.ConstantOf(found) is { } constant)
            {
                PushConstant(IrTypes.Stack(found.Signature.Return), constant);
                return;
            }

            CallDirectly(found, arguments);
            return;
        }

        arguments[0] = ConvertStack(arguments[0], StackKind.ByRef);
        if (!constrained.IsValueType)
        {
            arguments[0] = LoadValue(constrained, arguments[0].Operand);
            CallVirtually(method, arguments);
            return;
        }

        // Object.GetType, and an interface's method that is not virtual.
        var type = (DefType)constrained;
        if (!method.Definition.IsVirtual)
        {
            arguments[0] = Box(type, LoadValue(type, arguments[0].Operand));
            CallVirtually(method, arguments);
            return;
        }

        MethodDesc? target = method.Owner.IsInterface
            ? ResolveOnStructure(type, method)
            : _compilation.Virtuals.ResolveClassMethod(type, _compilation.Virtuals.Declaration(method));
        if (target is null)
        {
            throw new CompilationException($"{type} does not implement {method}");
        }

        if (target.Owner == type)
        {
            CallDirectly(target, arguments);
            return;
        }

        // Object's, ValueType's and Enum's methods, and default ones of interfaces, want an object.
        arguments[0] = Box(type, LoadValue(type, arguments[0].Operand));
        CallDirectly(target, arguments);
    }

    private MethodDesc? ResolveOnStructure(DefType type, MethodDesc method) => Variance.ReachedInterface(type, method.Owner) is { } reached
        ? _compilation.ResolveInterfaceMethod(type, reached.GetMethod(method.Definition, method.Arguments))
        : null;

    private void CallVirtually(MethodDesc method, StackValue[] arguments)
    {
        arguments[0] = ConvertStack(arguments[0], StackKind.Object) with { Type = arguments[0].Type, IsExact = arguments[0].IsExact };
        CheckNull(arguments[0]);
        arguments[0] = arguments[0] with { IsNonNull = true };
        if (!method.Definition.IsVirtual)
        {
            CallDirectly(method, arguments);
            return;
        }

        if (Devirtualize(method, arguments[0]) is { } known)
        {
            if (known.Owner.IsValueType)
            {
                // The object is a box, and the structure's method works on what is in it.
                arguments[0] = new StackValue(StackKind.ByRef, _writer.Value($"getelementptr i8, {arguments[0]}, i64 {FieldLayout.PointerSize}")) { IsNonNull = true };
            }

            CallDirectly(known, arguments);
            return;
        }

        EmitCall(VirtualTarget(method, arguments[0]), method.Signature, arguments);
    }

    private MethodDesc? Devirtualize(MethodDesc method, StackValue receiver)
    {
        if (method.Owner.IsInterface)
        {
            return receiver is { IsExact: true, Type: DefType exact } && !exact.IsInterface ? _compilation.ResolveInterfaceMethod(exact, method) : OnlyTarget(method, null);
        }

        if (receiver.Type is DefType { Kind: TypeKind.Class } type && (receiver.IsExact || type.Definition.IsSealed) && type.DerivesFrom(method.Owner))
        {
            MethodDesc found = _compilation.Virtuals.ResolveClassMethod(type, _compilation.Virtuals.Declaration(method));
            return found.Definition.IsAbstract ? null : found;
        }

        return method.Definition.IsFinal || method.Owner.Definition.IsSealed ? method : OnlyTarget(method, receiver.Type);
    }

    private MethodDesc? OnlyTarget(MethodDesc method, TypeDesc? receiver)
    {
        DefType bound = receiver is DefType { Kind: TypeKind.Class } type && !method.Owner.IsInterface && type.DerivesFrom(method.Owner) ? type : method.Owner;
        return _compilation.World?.OnlyTarget(_compilation.Virtuals, method.Owner.IsInterface ? method : _compilation.Virtuals.Declaration(method), bound);
    }

    /// <summary>Address of the code that a virtual call reaches.</summary>
    private string VirtualTarget(MethodDesc method, StackValue receiver)
    {
        MethodDesc declaration = method.Owner.IsInterface ? method : _compilation.Virtuals.Declaration(method);
        _compilation.UseVirtual(declaration);
        if (method.IsGenericVirtual)
        {
            return CallValue($"ptr {_compilation.GenericDispatcher(declaration)}(ptr {receiver.Operand})");
        }

        if (method.Owner.IsInterface)
        {
            return CallValue($"ptr {_compilation.Helper("AsterionResolveInterface")}(ptr {receiver.Operand}, ptr {_compilation.DispatchCell(declaration)})");
        }

        string table = _writer.Value($"load ptr, ptr {receiver.Operand}");
        string slot = _writer.Value($"getelementptr i8, ptr {table}, i64 {MethodTableEmitter.VtableOffset + (8 * _compilation.Virtuals.SlotIndex(declaration))}");
        return _writer.Value($"load ptr, ptr {slot}");
    }

    private void CallDirectly(MethodDesc method, StackValue[] arguments)
    {
        if (method.Definition.IsAbstract)
        {
            throw new CompilationException($"a direct call of {method}, which has no body");
        }

        // CoreLib writes the body of what a compiler has to know as a call of itself.
        if (method == _method && method.Definition.IsIntrinsic)
        {
            throw new CompilationException($"the intrinsic {method} is not known");
        }

        if (!method.Definition.HasBody && Assembly.IsAssembly(method))
        {
            WriteAssembly(method, Assembly.For(method, _compilation.Target), arguments);
            return;
        }

        string symbol = _compilation.MethodSymbol(method);
        bool isForeign = _compilation.IsForeign(method);
        if (isForeign && (method.Signature.Parameters.Append(method.Signature.Return).Any(p => p.Kind == TypeKind.Struct)))
        {
            throw new CompilationException($"a structure goes to or comes from native code: {method}");
        }

        EmitCall(symbol, method.Signature, arguments, isForeign);
    }

    /// <summary>Writes a call and pushes its result.</summary>
    private void EmitCall(string target, MethodSig signature, StackValue[] arguments, bool isForeign = false)
    {
        List<string> operands = [];
        string? result = null;
        TypeDesc type = signature.Return;
        if (IrTypes.ReturnsByAddress(signature))
        {
            result = _writer.Variable(IrTypes.Memory(type, _compilation.Layout));
            operands.Add($"ptr {result}");
        }

        int next = 0;
        if (signature.IsInstance)
        {
            operands.Add($"ptr {ConvertStack(arguments[next++], StackKind.ByRef).Operand}");
        }

        foreach (TypeDesc parameter in signature.Parameters)
        {
            StackValue argument = ConvertStack(arguments[next++], IrTypes.Stack(parameter));
            operands.Add(isForeign && argument.Kind == StackKind.Int32 ? $"{IrTypes.NativeInteger} {argument.Operand}" : argument.ToString());
        }

        string call = $"{IrTypes.Return(signature)} {target}({string.Join(", ", operands)})";
        if (type.Kind == TypeKind.Void)
        {
            Call(call);
        }
        else if (result is not null)
        {
            Call(call);
            Push(new StackValue(StackKind.Struct, result) { Type = type });
        }
        else
        {
            string value = CallValue(call);

            // Native code leaves the upper bits of a short result open.
            string memory = IrTypes.Memory(type, _compilation.Layout);
            if (isForeign && memory is "i8" or "i16")
            {
                string narrow = _writer.Value($"trunc i32 {value} to {memory}");
                value = _writer.Value($"{(IrTypes.IsSigned(type) ? "sext" : "zext")} {memory} {narrow} to i32");
            }

            Push(new StackValue(IrTypes.Stack(type), value) { Type = type.IsReference ? type : null });
        }
    }

    private void ImportIndirectCall(MethodSig signature)
    {
        StackValue target = Pop();
        StackValue[] arguments = PopArguments(signature);
        if (signature.IsUnmanaged && signature.Parameters.Append(signature.Return).Any(t => t.Kind == TypeKind.Struct))
        {
            throw new CompilationException("a structure in a call through an unmanaged function pointer");
        }

        EmitCall(ConvertStack(target, StackKind.ByRef).Operand, signature, arguments, signature.IsUnmanaged);
    }

    // A delegate's code takes what the delegate is bound to, or the delegate itself, as its first argument.
    private void InvokeDelegate(MethodDesc invoke, StackValue[] arguments)
    {
        CheckNull(arguments[0]);
        DefType type = System.CoreType("System", "Delegate");
        string code = _writer.Value($"load ptr, ptr {FieldAddress(arguments[0].Operand, type.GetField("_functionPointer"))}");
        string first = _writer.Value($"load ptr, ptr {FieldAddress(arguments[0].Operand, type.GetField("_firstParameter"))}");
        EmitCall(code, invoke.Signature, [new StackValue(StackKind.Object, first), .. arguments.Skip(1)]);
    }

    private void LoadFunction(MethodDesc method)
    {
        if (_constrained is { } constrained)
        {
            method = method.Definition.IsStatic ? _compilation.ResolveStaticVirtual(constrained, method)
                : throw new CompilationException("a constrained function pointer to an instance method");
        }

        string symbol = _compilation.MethodSymbol(method);
        Push(new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {symbol} to i64")) { Token = method });
    }

    private void LoadVirtualFunction(MethodDesc method)
    {
        StackValue receiver = Pop(StackKind.Object);
        CheckNull(receiver);
        string target = method.Definition.IsVirtual ? VirtualTarget(method, receiver) : _compilation.MethodSymbol(method);
        Push(new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {target} to i64")) { Token = method });
    }

    private void NewObject(object constructor)
    {
        if (constructor is ArrayMember member)
        {
            NewArray(member);
            return;
        }

        var method = (MethodDesc)constructor;
        DefType type = method.Owner;
        if (type.IsDelegate)
        {
            NewDelegate(type);
            return;
        }

        if (type.IsString)
        {
            NewString(method);
            return;
        }

        StackValue[] arguments = PopArguments(new MethodSig(false, 0, method.Signature.Return, method.Signature.Parameters));
        StackValue created;
        if (type.IsValueType)
        {
            string room = _writer.Variable(IrTypes.Memory(type, _compilation.Layout));
            if (type.Kind == TypeKind.Struct)
            {
                _writer.Line(StructZero(type, room));
            }
            else
            {
                string memory = IrTypes.Memory(type, _compilation.Layout);
                _writer.Line($"store {memory} {Zero(memory)}, ptr {room}");
            }

            CallDirectly(method, [new StackValue(StackKind.ByRef, room), .. arguments]);
            created = type.Kind == TypeKind.Struct ? new StackValue(StackKind.Struct, room) { Type = type } : LoadValue(type, room, isOnStack: true);
        }
        else
        {
            created = Allocate(type);
            CallDirectly(method, [created, .. arguments]);
        }

        Push(created);
    }

    private StackValue Allocate(DefType type)
    {
        if (type.Definition.IsAbstract)
        {
            throw new CompilationException($"an object of the abstract {type}");
        }

        string table = _compilation.ConstructedType(type);
        return new StackValue(StackKind.Object, CallValue($"ptr {_compilation.Helper("RhpNewFast")}(ptr {table})")) { Type = type, IsNonNull = true, IsExact = true };
    }

    // A string's constructor is a static method that returns the string.
    private void NewString(MethodDesc constructor)
    {
        MethodDef factory = constructor.Owner.Definition.Methods.First(m => m.Name == "Ctor" && m.Signature.Parameters.SequenceEqual(constructor.Definition.Signature.Parameters));
        MethodDesc method = constructor.Owner.GetMethod(factory);
        StackValue[] arguments = PopArguments(method);
        CallDirectly(method, arguments);
    }

    private void NewDelegate(DefType type)
    {
        StackValue function = Pop();
        StackValue target = Pop(StackKind.Object);
        if (function.Token is not MethodDesc method)
        {
            throw new CompilationException("a delegate of a function pointer that was computed");
        }

        DefType baseType = System.CoreType("System", "Delegate");
        StackValue created = Allocate(type);
        int parameters = type.GetMethod("Invoke").Signature.Parameters.Length;
        if (method.Signature.IsInstance)
        {
            if (method.Signature.Parameters.Length != parameters)
            {
                throw new CompilationException("an open delegate of an instance method");
            }

            if (method.Owner.IsValueType)
            {
                function = new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {_compilation.UnboxingStub(method)} to i64"));
            }

            CallDirectly(baseType.GetMethod("InitializeClosedInstance"), [created, target, function]);
        }
        else
        {
            bool isOpen = method.Signature.Parameters.Length == parameters;
            string thunk = _compilation.DelegateThunk(type, isOpen ? DelegateThunkKind.OpenStatic : DelegateThunkKind.ClosedStatic);
            var thunkValue = new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {thunk} to i64"));
            CallDirectly(baseType.GetMethod(isOpen ? "InitializeOpenStaticThunk" : "InitializeClosedStaticThunk"), [created, target, function, thunkValue]);
        }

        Push(created);
    }
}
