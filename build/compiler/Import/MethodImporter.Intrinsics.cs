// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Asterion.Compiler.Emit;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Methods of CoreLib that have no body in C#, or one that only this compiler can give them.</summary>
internal sealed partial class MethodImporter
{
    private bool TryIntrinsic(MethodDesc method)
    {
        if (method.Owner.Definition.Module != System.CoreLib)
        {
            return false;
        }

        return method.Owner.Definition.FullName switch
        {
            "System.Runtime.CompilerServices.Unsafe" => TryUnsafe(method),
            "System.Threading.Interlocked" => TryInterlocked(method),
            "System.Runtime.CompilerServices.RuntimeHelpers" => TryRuntimeHelpers(method),
            "System.Type" => TryType(method),
            "System.Math" or "System.MathF" => TryMath(method),
            "System.Single" or "System.Double" when method.Name == "MultiplyAddEstimate" => MultiplyAdd(),
            "Internal.Runtime.MethodTable" => TryMethodTable(method),
            "System.Activator" => TryActivator(method),
            "System.Runtime.InteropServices.MemoryMarshal" when method.Name == "GetArrayDataReference" && method.Arguments.Length == 1 => LoadArrayData(),
            _ when Comparers.IsDefault(method) => CreateComparer(method),
            _ => TryAcceleration(method),
        };
    }

    private bool LoadArrayData()
    {
        StackValue array = Pop(StackKind.Object);
        CheckNull(array);
        Push(new StackValue(StackKind.ByRef, _writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset}")) { IsNonNull = true });
        return true;
    }

    // No vector code: CoreLib has a scalar way for everything. A vector of something (Vector128<T>) says by itself whether there is one, which is another question.
    private bool TryAcceleration(MethodDesc method)
    {
        if (method.Name is "get_IsSupported" or "get_IsHardwareAccelerated" && method.Signature.Parameters.Length == 0 && method.Owner.Arguments.Length == 0
            && method.Owner.Definition.FullName is var name && (name.StartsWith("System.Runtime.Intrinsics.", global::System.StringComparison.Ordinal) || name == "System.Numerics.Vector"))
        {
            PushConstant(StackKind.Int32, 0);
            return true;
        }

        return false;
    }

    private bool TryUnsafe(MethodDesc method)
    {
        TypeDesc? type = method.Arguments.Length > 0 ? method.Arguments[0] : null;
        bool isPointer = method.Signature.Parameters.Length > 0 && method.Signature.Parameters[0].Kind == TypeKind.Pointer;
        switch (method.Name)
        {
            case "As" when method.Arguments.Length == 1:
                Push(Pop(StackKind.Object) with { Type = type, IsExact = false });
                return true;
            case "As":
                return true;
            case "AsRef":
                StackValue source = PopRaw();
                Push(ConvertStack(source, StackKind.ByRef));
                return true;
            case "AsPointer":
                Push(Pop(StackKind.Native));
                return true;
            case "SizeOf":
                PushConstant(StackKind.Int32, _compilation.Layout.SizeOf(type!));
                return true;
            case "Add" or "Subtract":
                OffsetAddress(_compilation.Layout.SizeOf(type!), method, isPointer);
                return true;
            case "AddByteOffset" or "SubtractByteOffset":
                OffsetAddress(1, method, isPointer);
                return true;
            case "ByteOffset":
                StackValue target = Pop(StackKind.Native);
                StackValue origin = Pop(StackKind.Native);
                Push(StackKind.Native, _writer.Value($"sub {target}, {origin.Operand}"));
                return true;
            case "AreSame" or "IsAddressGreaterThan" or "IsAddressLessThan" or "IsAddressGreaterThanOrEqualTo" or "IsAddressLessThanOrEqualTo":
                string condition = method.Name switch
                {
                    "AreSame" => "eq",
                    "IsAddressGreaterThan" => "ugt",
                    "IsAddressLessThan" => "ult",
                    "IsAddressGreaterThanOrEqualTo" => "uge",
                    _ => "ule",
                };
                StackValue right = Pop(StackKind.ByRef);
                Push(StackKind.Int32, _writer.Value($"zext i1 {_writer.Value($"icmp {condition} {Pop(StackKind.ByRef)}, {right.Operand}")} to i32"));
                return true;
            case "IsNullRef":
                Push(StackKind.Int32, _writer.Value($"zext i1 {_writer.Value($"icmp eq {Pop(StackKind.ByRef)}, null")} to i32"));
                return true;
            case "NullRef":
                Push(StackKind.ByRef, "null");
                return true;
            case "Read" or "ReadUnaligned":
                StackValue from = PopRaw();
                Push(LoadValue(type!, ConvertStack(from, StackKind.ByRef).Operand, from.IsOnStack, alignment: method.Name == "Read" ? 0 : 1));
                return true;
            case "Write" or "WriteUnaligned":
                StackValue written = Pop();
                StackValue place = PopRaw();
                StoreValue(type!, ConvertStack(place, StackKind.ByRef).Operand, written, place.IsOnStack, alignment: method.Name == "Write" ? 0 : 1);
                return true;
            case "SkipInit":
                PopRaw();
                return true;
            case "Unbox":
                Push(new StackValue(StackKind.ByRef, Unbox((DefType)type!, Pop(StackKind.Object))) { IsNonNull = true });
                return true;
            case "BitCast":
                BitCast(type!, method.Arguments[1]);
                return true;
            case "CopyBlock" or "CopyBlockUnaligned" or "InitBlock" or "InitBlockUnaligned":
                StackValue count = Pop(StackKind.Int32);
                StackValue second = Pop();
                string length = _writer.Value($"zext {count} to i64");
                string address = Pop(StackKind.ByRef).Operand;
                _writer.Line(method.Name[0] == 'C'
                    ? $"call void @llvm.memmove.p0.p0.i64(ptr {address}, ptr {ConvertStack(second, StackKind.ByRef).Operand}, i64 {length}, i1 false)"
                    : $"call void @llvm.memset.p0.i64(ptr {address}, i8 {_writer.Value($"trunc {second} to i8")}, i64 {length}, i1 false)");
                return true;
            default:
                return false;
        }
    }

    private void OffsetAddress(int size, MethodDesc method, bool isPointer)
    {
        StackValue offset = Pop();
        StackValue address = PopRaw();
        string scaled = _writer.Value($"mul i64 {ConvertStack(offset, StackKind.Native).Operand}, {size}");
        if (method.Name.StartsWith('S'))
        {
            scaled = _writer.Value($"sub i64 0, {scaled}");
        }

        string result = _writer.Value($"getelementptr i8, {ConvertStack(address, StackKind.ByRef)}, i64 {scaled}");
        Push(isPointer
            ? new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {result} to i64"))
            : new StackValue(StackKind.ByRef, result) { IsOnStack = address.IsOnStack });
    }

    private void BitCast(TypeDesc from, TypeDesc to)
    {
        if (_compilation.Layout.SizeOf(from) != _compilation.Layout.SizeOf(to))
        {
            CallThrower("ThrowNotSupportedException");
            return;
        }

        string room = _writer.Variable(IrTypes.Memory(from, _compilation.Layout));
        StoreValue(from, room, Pop(), isOnStack: true);
        Push(LoadValue(to, room, isOnStack: true, alignment: 1));
    }

    private void CallThrower(string thrower)
    {
        Call($"void {_compilation.ThrowHelper(thrower)}()");
        _writer.End("unreachable");
    }

    private bool TryInterlocked(MethodDesc method)
    {
        if (method.Name is "MemoryBarrier" or "ReadMemoryBarrier" or "MemoryBarrierProcessWide")
        {
            _writer.Line("fence seq_cst");
            return true;
        }

        // References and the generic forms have bodies, which come here for numbers and to the write barrier for references.
        if (method.Arguments.Length > 0 || method.Signature.Parameters.Length == 0)
        {
            return false;
        }

        TypeDesc type = method.Signature.Parameters[0] switch
        {
            ByRefType reference => reference.Target,
            PointerType pointer => pointer.Target,
            TypeDesc other => other,
        };
        if (type.UnderlyingType.Kind is not (>= TypeKind.SByte and <= TypeKind.UIntPtr) || method.Name is not ("CompareExchange" or "Exchange" or "ExchangeAdd" or "And" or "Or"))
        {
            return false;
        }

        string memory = IrTypes.Memory(type, _compilation.Layout);
        if (method.Name == "CompareExchange")
        {
            StackValue expected = Narrow(Pop(), type);
            StackValue value = Narrow(Pop(), type);
            string pair = _writer.Value($"cmpxchg ptr {Pop(StackKind.ByRef).Operand}, {memory} {expected.Operand}, {memory} {value.Operand} seq_cst seq_cst");
            PushWidened(_writer.Value($"extractvalue {{ {memory}, i1 }} {pair}, 0"), type);
            return true;
        }

        string operation = method.Name switch
        {
            "Exchange" => "xchg",
            "ExchangeAdd" => "add",
            "And" => "and",
            _ => "or",
        };
        StackValue operand = Narrow(Pop(), type);
        PushWidened(_writer.Value($"atomicrmw {operation} ptr {Pop(StackKind.ByRef).Operand}, {memory} {operand.Operand} seq_cst"), type);
        return true;
    }

    private StackValue Narrow(StackValue value, TypeDesc type)
    {
        value = ConvertStack(value, IrTypes.Stack(type));
        string memory = IrTypes.Memory(type, _compilation.Layout);
        return memory is "i8" or "i16" ? value with { Operand = _writer.Value($"trunc {value} to {memory}") } : value;
    }

    private void PushWidened(string value, TypeDesc type)
    {
        string memory = IrTypes.Memory(type, _compilation.Layout);
        Push(IrTypes.Stack(type), memory is "i8" or "i16" ? _writer.Value($"{(IrTypes.IsSigned(type) ? "sext" : "zext")} {memory} {value} to i32") : value);
    }

    private bool TryRuntimeHelpers(MethodDesc method)
    {
        switch (method.Name)
        {
            case "IsReferenceOrContainsReferences":
                PushConstant(StackKind.Int32, _compilation.Layout.HasReferencesOrByRefs(method.Arguments[0]) ? 1 : 0);
                return true;
            case "IsReference":
                PushConstant(StackKind.Int32, method.Arguments[0].IsReference ? 1 : 0);
                return true;
            case "IsBitwiseEquatable":
                PushConstant(StackKind.Int32, method.Arguments[0].UnderlyingType.Kind is >= TypeKind.Boolean and <= TypeKind.UIntPtr ? 1 : 0);
                return true;
            case "IsKnownConstant":
                PopRaw();
                PushConstant(StackKind.Int32, 0);
                return true;
            case "InitializeArray":
                FieldDesc data = TokenField(PopRaw());
                StackValue array = Pop(StackKind.Object);
                string elements = _writer.Value($"getelementptr i8, {array}, i64 {VectorDataOffset + (array.Type is ArrayType { IsVector: false } shaped ? 8 * shaped.Rank : 0)}");
                _writer.Line($"call void @llvm.memcpy.p0.p0.i64(ptr {elements}, ptr {_compilation.DataSymbol(data)}, i64 {_compilation.Layout.SizeOf(data.Type)}, i1 false)");
                return true;
            case "CreateSpan":
                FieldDesc content = TokenField(PopRaw());
                TypeDesc span = method.Signature.Return;
                string room = _writer.Variable(IrTypes.Memory(span, _compilation.Layout));
                _writer.Line($"store ptr {_compilation.DataSymbol(content)}, ptr {FieldAddress(room, ((DefType)span).GetField("_reference"))}");
                _writer.Line($"store i32 {_compilation.Layout.SizeOf(content.Type) / _compilation.Layout.SizeOf(method.Arguments[0])}, ptr {FieldAddress(room, ((DefType)span).GetField("_length"))}");
                Push(new StackValue(StackKind.Struct, room) { Type = span });
                return true;
            default:
                return false;
        }
    }

    private static FieldDesc TokenField(StackValue value) =>
        value.Token as FieldDesc ?? throw new CompilationException("initial values from a handle that is not a constant");

    private bool TryType(MethodDesc method)
    {
        switch (method.Name)
        {
            case "GetTypeFromHandle" when _stack[^1].Token is TypeDesc type:
                PopRaw();
                Push(new StackValue(StackKind.Object, "") { Type = System.CoreType("System", "RuntimeType"), TypeOf = type, IsNonNull = true });
                return true;
            case "GetTypeFromMethodTable":
                // The compiler makes the object of every type, as ilc does; the method table's writable word leads to it.
                _compilation.ConstructedType(System.CoreType("System", "RuntimeType"));
                StackValue table = Pop(StackKind.Native);
                CallDirectly(System.CoreType("Internal.Runtime", "MethodTable").GetMethod("get_WritableData"), [table]);
                Push(new StackValue(StackKind.Object, _writer.Value($"load ptr, {Pop(StackKind.ByRef)}")) { Type = System.CoreType("System", "RuntimeType"), IsNonNull = true, IsExact = true });
                return true;
            case "op_Equality" or "op_Inequality" when _stack[^1].TypeOf is not null && _stack[^2].TypeOf is not null:
                bool isSame = PopRaw().TypeOf == PopRaw().TypeOf;
                PushConstant(StackKind.Int32, isSame == (method.Name == "op_Equality") ? 1 : 0);
                return true;
            case "get_IsValueType" when _stack[^1].TypeOf is { } known:
                PopRaw();
                PushConstant(StackKind.Int32, known.IsValueType ? 1 : 0);
                return true;
            case "get_IsPrimitive" when _stack[^1].TypeOf is { } known:
                PopRaw();
                PushConstant(StackKind.Int32, known.Kind is >= TypeKind.Boolean and <= TypeKind.Double ? 1 : 0);
                return true;
            case "get_IsEnum" when _stack[^1].TypeOf is { } known:
                PopRaw();
                PushConstant(StackKind.Int32, known.Kind == TypeKind.Enum ? 1 : 0);
                return true;
            case "get_TypeHandle" when _stack[^1].TypeOf is { } known:
                PopRaw();
                LoadToken(known);
                return true;
            default:
                return false;
        }
    }

    // What LLVM compiles to an instruction on every target; the rest is imported from a library.
    private bool TryMath(MethodDesc method)
    {
        string? name = method.Name switch
        {
            "Sqrt" => "sqrt",
            "Abs" when method.Signature.Return.Kind is TypeKind.Single or TypeKind.Double => "fabs",
            "CopySign" => "copysign",
            _ => null,
        };
        if (name is null)
        {
            return false;
        }

        StackValue[] arguments = PopArguments(method);
        string type = IrTypes.Argument(method.Signature.Return);
        string suffix = type == "float" ? "f32" : "f64";
        Push(IrTypes.Stack(method.Signature.Return), _writer.Value($"call {type} @llvm.{name}.{suffix}({string.Join(", ", arguments.Select(a => ConvertStack(a, IrTypes.Stack(method.Signature.Return))))})"));
        return true;
    }

    // Rounded twice: an estimate may be, and not every processor has the other.
    private bool MultiplyAdd()
    {
        StackValue addend = Pop();
        (StackValue left, StackValue right) = PopPair();
        string product = _writer.Value($"fmul {left}, {right.Operand}");
        Push(left.Kind, _writer.Value($"fadd {left.IrType} {product}, {ConvertStack(addend, left.Kind).Operand}"));
        return true;
    }

    private bool TryMethodTable(MethodDesc method)
    {
        switch (method.Name)
        {
            case "Of":
                // CoreLib makes arrays from it (GC.AllocateUninitializedArray).
                TypeDesc type = method.Arguments[0];
                Push(StackKind.Native, Address(type is ArrayType ? _compilation.ConstructedType(type) : _compilation.NecessaryType(type)));
                return true;
            case "get_SupportsRelativePointers":
                // NativeAOT has a form of its tables with whole pointers, which every linker and every target can make.
                PushConstant(StackKind.Int32, 0);
                return true;
            default:
                return false;
        }
    }

    private bool TryActivator(MethodDesc method)
    {
        if (method.Name != "CreateInstance" || method.Arguments.Length != 1)
        {
            return false;
        }

        if (method.Arguments[0] is not DefType type)
        {
            throw new CompilationException($"{method.Arguments[0]} has no constructor without parameters");
        }

        MethodDef? constructor = type.Definition.Methods.FirstOrDefault(m => m.IsConstructor && m.Signature.Parameters.Length == 0);
        if (constructor is not null)
        {
            NewObject(type.GetMethod(constructor));
            return true;
        }

        if (!type.IsValueType)
        {
            ThrowMissingConstructor(type);
            return true;
        }

        string room = _writer.Variable(IrTypes.Memory(type, _compilation.Layout));
        string memory = IrTypes.Memory(type, _compilation.Layout);
        _writer.Line(type.Kind == TypeKind.Struct ? StructZero(type, room) : $"store {memory} {Zero(memory)}, ptr {room}");
        Push(LoadValue(type, room, isOnStack: true));
        return true;
    }

    private void ThrowMissingConstructor(DefType type)
    {
        DefType exception = System.CoreType("System", "MissingMethodException");
        MethodDef constructor = exception.Definition.Methods.Single(m => m.IsConstructor && m.Signature.Parameters is [DefType { IsString: true }]);
        StackValue thrown = Allocate(exception);
        CallDirectly(exception.GetMethod(constructor), [thrown, new StackValue(StackKind.Object, _compilation.StringSymbol($"MissingConstructor_Name, {type.Name}"))]);
        Call($"void {_compilation.Helper("RhpThrowEx")}({thrown})");
        _writer.End("unreachable");
    }

    private bool CreateComparer(MethodDesc method)
    {
        NewObject(Comparers.ConstructorFor(method.Owner));
        return true;
    }
}
