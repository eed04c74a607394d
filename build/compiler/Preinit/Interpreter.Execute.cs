// SPDX-License-Identifier: MPL-2.0

using System;
using System.Linq;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Import;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Preinit;

/// <summary>The instructions.</summary>
internal sealed partial class Interpreter
{
    private sealed partial class Frame
    {
        private const int LengthOffset = 8;
        private const int VectorDataOffset = 16;

        private void Execute(Instruction instruction)
        {
            ILOpCode opcode = instruction.OpCode;
            switch (opcode)
            {
                case ILOpCode.Nop:
                    break;
                case >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3:
                    Load(_arguments[opcode - ILOpCode.Ldarg_0]);
                    break;
                case ILOpCode.Ldarg or ILOpCode.Ldarg_s:
                    Load(_arguments[(int)instruction.Operand]);
                    break;
                case ILOpCode.Ldarga or ILOpCode.Ldarga_s:
                    LoadAddress(_arguments[(int)instruction.Operand]);
                    break;
                case ILOpCode.Starg or ILOpCode.Starg_s:
                    Store(ref _arguments[(int)instruction.Operand]);
                    break;
                case >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3:
                    Load(_locals[opcode - ILOpCode.Ldloc_0]);
                    break;
                case ILOpCode.Ldloc or ILOpCode.Ldloc_s:
                    Load(_locals[(int)instruction.Operand]);
                    break;
                case ILOpCode.Ldloca or ILOpCode.Ldloca_s:
                    LoadAddress(_locals[(int)instruction.Operand]);
                    break;
                case >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3:
                    Store(ref _locals[opcode - ILOpCode.Stloc_0]);
                    break;
                case ILOpCode.Stloc or ILOpCode.Stloc_s:
                    Store(ref _locals[(int)instruction.Operand]);
                    break;
                case ILOpCode.Ldnull:
                    _stack.Push(new ReferenceValue(null));
                    break;
                case ILOpCode.Ldstr:
                    _stack.Push(new ReferenceValue(new PreObject(_method.System.String, 0) { Literal = _il.Scope.GetString(instruction.Token) }));
                    break;
                case >= ILOpCode.Ldc_i4_m1 and <= ILOpCode.Ldc_i4_8:
                    _stack.Push(new IntegerValue(StackKind.Int32, (int)opcode - (int)ILOpCode.Ldc_i4_0));
                    break;
                case ILOpCode.Ldc_i4 or ILOpCode.Ldc_i4_s:
                    _stack.Push(new IntegerValue(StackKind.Int32, instruction.Operand));
                    break;
                case ILOpCode.Ldc_i8:
                    _stack.Push(new IntegerValue(StackKind.Int64, instruction.Operand));
                    break;
                case ILOpCode.Ldc_r4:
                    _stack.Push(new FloatValue(StackKind.Single, BitConverter.Int32BitsToSingle((int)instruction.Operand)));
                    break;
                case ILOpCode.Ldc_r8:
                    _stack.Push(new FloatValue(StackKind.Double, BitConverter.Int64BitsToDouble(instruction.Operand)));
                    break;
                case ILOpCode.Dup:
                    _stack.Push(_stack.Peek());
                    break;
                case ILOpCode.Pop:
                    _stack.Pop();
                    break;
                case ILOpCode.Ldtoken:
                    _stack.Push(new TokenValue(_il.Scope.GetMember(instruction.Token)));
                    break;
                case ILOpCode.Ldftn:
                    _stack.Push(new FunctionValue((MethodDesc)_il.Scope.GetMethod(instruction.Token)));
                    break;
                case ILOpCode.Ldsfld:
                    _stack.Push(_interpreter.LoadStatic(_il.Scope.GetField(instruction.Token)));
                    break;
                case ILOpCode.Ldsflda:
                    _stack.Push(new AddressValue(_interpreter.OwnStatic(_il.Scope.GetField(instruction.Token)), 0));
                    break;
                case ILOpCode.Stsfld:
                    FieldDesc stored = _il.Scope.GetField(instruction.Token);
                    _interpreter.OwnStatic(stored).Store(stored.Type, 0, _stack.Pop(), Layout);
                    break;
                case ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld:
                    ExecuteField(opcode, _il.Scope.GetField(instruction.Token));
                    break;
                case ILOpCode.Ldobj:
                    AddressValue source = Pop<AddressValue>();
                    _stack.Push(source.Memory.Load(_il.Scope.GetType(instruction.Token), source.Offset, Layout));
                    break;
                case ILOpCode.Stobj:
                    PreValue content = _stack.Pop();
                    AddressValue target = Pop<AddressValue>();
                    target.Memory.Store(_il.Scope.GetType(instruction.Token), target.Offset, content, Layout);
                    break;
                case ILOpCode.Initobj:
                    AddressValue cleared = Pop<AddressValue>();
                    cleared.Memory.Clear(cleared.Offset, Layout.SizeOf(_il.Scope.GetType(instruction.Token)));
                    break;
                case ILOpCode.Box:
                    ExecuteBox(_il.Scope.GetType(instruction.Token));
                    break;
                case ILOpCode.Newobj:
                    ExecuteNew(_il.Scope.GetMethod(instruction.Token) as MethodDesc ?? throw new PreinitException("an array of several dimensions"));
                    break;
                case ILOpCode.Call or ILOpCode.Callvirt:
                    ExecuteCall(_il.Scope.GetMethod(instruction.Token) as MethodDesc ?? throw new PreinitException("an array of several dimensions"), opcode == ILOpCode.Callvirt);
                    break;
                case ILOpCode.Newarr or ILOpCode.Ldlen or ILOpCode.Ldelem or ILOpCode.Stelem or ILOpCode.Ldelema
                    or (>= ILOpCode.Ldelem_i1 and <= ILOpCode.Ldelem_ref) or (>= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref):
                    ExecuteArray(instruction);
                    break;
                default:
                    ExecuteArithmetic(opcode);
                    break;
            }
        }

        private void ExecuteField(ILOpCode opcode, FieldDesc field)
        {
            PreValue? content = opcode == ILOpCode.Stfld ? _stack.Pop() : null;
            if (field.IsStatic)
            {
                throw new PreinitException($"uses {field} through an object");
            }

            PreMemory memory;
            int offset = Layout.OffsetOf(field);
            switch (_stack.Peek())
            {
                case AddressValue address:
                    _stack.Pop();
                    memory = address.Memory;
                    offset += address.Offset;
                    break;
                case StructValue structure:
                    _stack.Pop();
                    memory = structure.Memory;
                    break;
                default:
                    memory = PopObject().Memory;
                    break;
            }

            if (content is not null)
            {
                memory.Store(field.Type, offset, content, Layout);
            }
            else
            {
                _stack.Push(opcode == ILOpCode.Ldflda ? new AddressValue(memory, offset) : memory.Load(field.Type, offset, Layout));
            }
        }

        private void ExecuteBox(TypeDesc boxed)
        {
            if (!boxed.IsValueType)
            {
                return;
            }

            if (((DefType)boxed).IsNullable)
            {
                throw new PreinitException("boxes a Nullable");
            }

            PreObject box = _interpreter.Allocate(boxed, 8 + Layout.SizeOf(boxed));
            box.Memory.Store(boxed, 8, _stack.Pop(), Layout);
            _stack.Push(new ReferenceValue(box));
        }

        private void ExecuteNew(MethodDesc constructor)
        {
            DefType created = constructor.Owner;
            if (created.IsDelegate)
            {
                ExecuteNewDelegate(created);
                return;
            }

            if (created.IsString)
            {
                throw new PreinitException("makes a string");
            }

            PreValue[] arguments = [.. Enumerable.Range(0, constructor.Signature.Parameters.Length).Select(_ => _stack.Pop()).Reverse()];
            if (created.IsValueType)
            {
                var memory = new PreMemory(Layout.SizeOf(created));
                _interpreter.Call(constructor, [new AddressValue(memory, 0), .. arguments]);
                _stack.Push(memory.Load(created, 0, Layout));
                return;
            }

            PreObject target = _interpreter.Allocate(created, Layout.Get(created).Size);
            if (!created.IsObject)
            {
                _interpreter.Call(constructor, [new ReferenceValue(target), .. arguments]);
            }

            _stack.Push(new ReferenceValue(target));
        }

        // A delegate that is bound to an object of a class, whose code takes that object first, or one of a static method, which goes through the type's thunk.
        private void ExecuteNewDelegate(DefType created)
        {
            MethodDesc method = Pop<FunctionValue>().Method;
            ReferenceValue bound = Pop<ReferenceValue>();
            if ((method.Signature.IsInstance && (bound.Target is null || method.Owner.IsValueType)) || method.Signature.Parameters.Length != created.GetMethod("Invoke").Signature.Parameters.Length)
            {
                throw new PreinitException($"a delegate of {method}");
            }

            PreObject target = _interpreter.Allocate(created, Layout.Get(created).Size);
            if (method.Signature.IsInstance)
            {
                StoreDelegateField(target, "_firstParameter", bound);
                StoreDelegateField(target, "_functionPointer", new FunctionValue(method));
            }
            else
            {
                StoreDelegateField(target, "_firstParameter", new ReferenceValue(target));
                StoreDelegateField(target, "_functionPointer", new SymbolValue(() => _interpreter.DelegateThunk(created)));
                StoreDelegateField(target, "_extraFunctionPointerOrData", new FunctionValue(method));
            }

            _stack.Push(new ReferenceValue(target));
        }

        private void StoreDelegateField(PreObject target, string name, PreValue value)
        {
            FieldDesc field = _method.System.CoreType("System", "Delegate").GetField(name);
            target.Memory.Store(field.Type, Layout.OffsetOf(field), value, Layout);
        }

        private void ExecuteCall(MethodDesc method, bool isVirtual)
        {
            if (method.DefinitionName == "System.Runtime.CompilerServices.RuntimeHelpers.InitializeArray")
            {
                var data = (FieldDesc)Pop<TokenValue>().Member;
                PreObject array = PopObject();
                int size = Layout.SizeOf(data.Type);
                data.Owner.Definition.Module.GetDataAt(data.Definition.RelativeVirtualAddress, size).CopyTo(array.Memory.Writable(VectorDataOffset, size));
                return;
            }

            if (method.DefinitionName == "System.Type.GetTypeFromHandle" && _stack.TryPeek(out PreValue? handle) && handle is TokenValue { Member: TypeDesc named })
            {
                _stack.Pop();
                DefType runtimeType = _method.System.CoreType("System", "RuntimeType");
                _stack.Push(new ReferenceValue(new PreObject(runtimeType, 0) { NamedType = named, IsForeign = true }));
                return;
            }

            if (method.DefinitionName is "System.Type.op_Equality" or "System.Type.op_Inequality")
            {
                TypeDesc? right = Pop<ReferenceValue>().Target?.NamedType;
                TypeDesc? left = Pop<ReferenceValue>().Target?.NamedType;
                if (left is null || right is null)
                {
                    throw new PreinitException("compares types that are not named");
                }

                _stack.Push(new IntegerValue(StackKind.Int32, (left == right) == (method.Name == "op_Equality") ? 1 : 0));
                return;
            }

            if (Comparers.IsDefault(method))
            {
                ExecuteNew(Comparers.ConstructorFor(method.Owner));
                return;
            }

            // Object's constructor does nothing.
            if (method is { Owner.IsObject: true, Definition.IsConstructor: true })
            {
                _stack.Pop();
                return;
            }

            PreValue[] arguments = [.. Enumerable.Range(0, method.Signature.Parameters.Length + (method.Signature.IsInstance ? 1 : 0)).Select(_ => _stack.Pop()).Reverse()];
            if (isVirtual)
            {
                if (arguments[0] is not ReferenceValue { Target: { IsForeign: false, Literal: null } receiver } || (method.Definition.IsVirtual && (method.Owner.IsInterface || receiver.Type is not DefType)))
                {
                    throw new PreinitException($"calls {method}");
                }

                if (method.Definition.IsVirtual)
                {
                    method = _interpreter.Virtuals.ResolveClassMethod((DefType)receiver.Type, _interpreter.Virtuals.Declaration(method));
                }
            }

            if (_interpreter.Call(method, arguments) is { } result)
            {
                _stack.Push(result);
            }
        }

        private void ExecuteArray(Instruction instruction)
        {
            ILOpCode opcode = instruction.OpCode;
            if (opcode == ILOpCode.Newarr)
            {
                TypeDesc element = _il.Scope.GetType(instruction.Token);
                long length = Pop<IntegerValue>().Bits;
                if (length is < 0 or > LargestObject)
                {
                    throw new PreinitException($"an array of {length} elements");
                }

                PreObject created = _interpreter.Allocate(_method.System.GetVector(element), VectorDataOffset + ((int)length * Layout.SizeOf(element)));
                BitConverter.TryWriteBytes(created.Memory.Writable(LengthOffset, 4), (int)length);
                _stack.Push(new ReferenceValue(created));
                return;
            }

            PreValue? value = opcode is ILOpCode.Stelem or (>= ILOpCode.Stelem_i and <= ILOpCode.Stelem_ref) ? _stack.Pop() : null;
            long index = opcode == ILOpCode.Ldlen ? 0 : Pop<IntegerValue>().Bits;
            PreObject array = PopObject();
            int count = BitConverter.ToInt32(array.Memory.Bytes[LengthOffset..]);
            if (opcode == ILOpCode.Ldlen)
            {
                _stack.Push(new IntegerValue(StackKind.Native, count));
                return;
            }

            TypeDesc type = ((ArrayType)array.Type).Element;
            if (index < 0 || index >= count)
            {
                throw new PreinitException("an index out of range");
            }

            if (value is ReferenceValue { Target: { } stored } && stored.Type != type && !(type is DefType { IsObject: true })
                && !(stored.Type is DefType derived && type is DefType { Kind: TypeKind.Class } wanted && derived.DerivesFrom(wanted)))
            {
                throw new PreinitException($"{stored.Type} in an array of {type}");
            }

            int place = VectorDataOffset + ((int)index * Layout.SizeOf(type));
            if (value is not null)
            {
                array.Memory.Store(type, place, value, Layout);
            }
            else if (opcode == ILOpCode.Ldelema)
            {
                _stack.Push(type.IsValueType ? new AddressValue(array.Memory, place) : throw new PreinitException("a ref to a reference"));
            }
            else
            {
                _stack.Push(array.Memory.Load(type, place, Layout));
            }
        }
    }
}
