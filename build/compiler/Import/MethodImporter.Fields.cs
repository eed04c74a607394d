// SPDX-License-Identifier: MPL-2.0

using System;
using System.Reflection.Metadata;
using Asterion.Compiler.Emit;
using Asterion.Compiler.IL;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>Fields of objects and structures, static and thread-static fields, and the class constructors that these start.</summary>
internal sealed partial class MethodImporter
{
    private void ImportField(Instruction instruction)
    {
        FieldDesc field = _il.Scope.GetField(instruction.Token);
        switch (instruction.OpCode)
        {
            case ILOpCode.Ldfld when field.IsStatic:
                PopRaw();
                LoadStatic(field);
                break;
            case ILOpCode.Ldsfld:
                LoadStatic(field);
                break;
            case ILOpCode.Ldsflda:
                Push(new StackValue(StackKind.ByRef, StaticAddress(field)) { IsNonNull = true });
                break;
            case ILOpCode.Stsfld:
                StackValue stored = Pop();
                StoreValue(field.Type, StaticAddress(field), stored, isOnStack: false, _isVolatile);
                break;
            case ILOpCode.Ldflda when field.IsStatic:
                PopRaw();
                Push(new StackValue(StackKind.ByRef, StaticAddress(field)) { IsNonNull = true });
                break;
            case ILOpCode.Stfld when field.IsStatic:
                StackValue value = Pop();
                PopRaw();
                StoreValue(field.Type, StaticAddress(field), value, isOnStack: false, _isVolatile);
                break;
            case ILOpCode.Ldfld:
                StackValue source = Pop();
                CheckNull(source);
                Push(LoadValue(field.Type, FieldAddress(AsAddress(source), field), source.IsOnStack || source.Kind == StackKind.Struct, _isVolatile, FieldAlignment(field, source)));
                break;
            case ILOpCode.Ldflda:
                StackValue owner = Pop();
                CheckNull(owner);
                string address = FieldAddress(AsAddress(owner), field);
                Push(owner.Kind == StackKind.Native
                    ? new StackValue(StackKind.Native, _writer.Value($"ptrtoint ptr {address} to i64"))
                    : new StackValue(StackKind.ByRef, address) { IsOnStack = owner.IsOnStack, IsNonNull = true, Alignment = FieldAlignment(field, owner) });
                break;
            default:
                StackValue content = Pop();
                StackValue target = Pop();
                CheckNull(target);
                StoreValue(field.Type, FieldAddress(AsAddress(target), field), content, target.IsOnStack, _isVolatile, FieldAlignment(field, target));
                break;
        }
    }

    private string AsAddress(StackValue value) => value.Kind == StackKind.Struct ? value.Operand : ConvertStack(value, StackKind.ByRef).Operand;

    private string FieldAddress(string owner, FieldDesc field)
    {
        int offset = _compilation.Layout.OffsetOf(field);
        return offset == 0 ? owner : _writer.Value($"getelementptr i8, ptr {owner}, i64 {offset}");
    }

    // In a packed structure a field may be aligned less than its type.
    private int FieldAlignment(FieldDesc field, StackValue target)
    {
        if (_alignment > 0)
        {
            return _alignment;
        }

        int natural = _compilation.Layout.AlignmentOf(field.Type);
        int owner = field.Owner.IsValueType ? _compilation.Layout.AlignmentOf(field.Owner) : 8;
        owner = target.Alignment > 0 ? Math.Min(owner, target.Alignment) : owner;
        int offset = _compilation.Layout.OffsetOf(field);
        int possible = Math.Min(natural, owner);
        while (offset % possible != 0)
        {
            possible /= 2;
        }

        return possible < natural ? possible : 0;
    }

    private void LoadStatic(FieldDesc field)
    {
        if (_compilation.Substitutions.ConstantOf(field) is { } constant)
        {
            PushConstant(IrTypes.Stack(field.Type), constant);
            return;
        }

        Push(LoadValue(field.Type, StaticAddress(field), isVolatile: _isVolatile));
    }

    private string StaticAddress(FieldDesc field)
    {
        if (field.Definition.RelativeVirtualAddress != 0)
        {
            return _compilation.DataSymbol(field);
        }

        if (field.Owner != _method.Owner || !_method.Definition.IsClassConstructor)
        {
            TriggerClassConstructor(field.Owner);
        }

        if (field.Definition.IsThreadStatic)
        {
            string block = CallValue($"ptr {_compilation.Helper("AsterionThreadStatics")}()");
            return _writer.Value($"getelementptr i8, ptr {block}, i64 {_compilation.ThreadStaticOffset(field)}");
        }

        return _compilation.StaticSymbol(field);
    }

    /// <summary>Runs a type's class constructor unless it has run; nothing where it ran at compile time.</summary>
    private void TriggerClassConstructor(DefType type)
    {
        if (_compilation.ClassConstructorContext(type) is not { } context)
        {
            return;
        }

        // The state is read with acquire: what the constructor stored is seen (ECMA-335, II.10.5.3).
        string state = _writer.Value($"load atomic i64, ptr {context} acquire, align 8");
        string run = _writer.NewLabel("cctor");
        string done = _writer.NewLabel("ready");
        _writer.Line($"br i1 {_writer.Value($"icmp eq i64 {state}, 0")}, label %{done}, label %{run}, !prof !1");
        _writer.Continue(run);
        Call($"void {_compilation.Helper("AsterionRunClassConstructor")}(ptr {context})");
        _writer.Line($"br label %{done}");
        _writer.Continue(done);
    }

    // A precise class constructor runs at the first access to any static member and at the first construction. A structure may never have been constructed: its methods start it too.
    private void TriggerOwnClassConstructor()
    {
        if (_method.Owner.Definition.IsBeforeFieldInit || _method.Definition.IsClassConstructor
            || !(_method.Definition.IsStatic || _method.Definition.IsConstructor || _method.Owner.IsValueType))
        {
            return;
        }

        if (_compilation.ClassConstructorContext(_method.Owner) is { } context)
        {
            _writer.Prologue($"call void {_compilation.Helper("AsterionEnsureClassConstructor")}(ptr {context})");
        }
    }
}
