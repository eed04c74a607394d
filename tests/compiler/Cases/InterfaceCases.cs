// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Which method a call of an interface's method reaches (ECMA-335, II.12.2), default implementations included.</summary>
internal static class InterfaceCases
{
    private interface IShape
    {
        string Name { get; }

        string Describe() => $"a {Name}";

        static string Kind => "shape";

        private string Hidden() => "hidden " + Name;

        string Reveal() => Hidden();

        sealed string Sealed() => "sealed " + Name;
    }

    private sealed class Circle : IShape
    {
        public string Name => "circle";
    }

    private sealed class Square : IShape
    {
        public string Name => "square";

        public string Describe() => "four sides";

        public string Sealed() => "not reached by the interface";
    }

    private struct Dot : IShape
    {
        public readonly string Name => "dot";
    }

    internal static void DefaultMethods(Output o)
    {
        foreach (IShape shape in new IShape[] { new Circle(), new Square(), new Dot() })
        {
            o.Line($"{shape.Describe()}, {shape.Reveal()}, {shape.Sealed()}");
        }

        o.Line(IShape.Kind);
        o.Line(new Square().Sealed());
    }

    private interface IBase
    {
        string Who() => "base";
    }

    private interface ILeft : IBase
    {
        string IBase.Who() => "left";
    }

    private interface IRight : IBase
    {
        string IBase.Who() => "right";
    }

    private interface IBottom : ILeft, IRight
    {
        string IBase.Who() => "bottom";
    }

    private sealed class OnlyBase : IBase;

    private sealed class OnlyLeft : ILeft;

    private sealed class ByBottom : IBottom;

    private sealed class Own : ILeft, IRight
    {
        public string Who() => "own";
    }

    private class ExplicitBase : ILeft
    {
        string IBase.Who() => "explicit";
    }

    private sealed class Inherits : ExplicitBase, IRight;

    internal static void DiamondsOfDefaults(Output o)
    {
        foreach (IBase each in new IBase[] { new OnlyBase(), new OnlyLeft(), new ByBottom(), new Own(), new ExplicitBase(), new Inherits() })
        {
            o.Line(each.Who());
        }
    }

    private interface IReabstracted : IBase
    {
        abstract string IBase.Who();
    }

    private sealed class MustImplement : IReabstracted
    {
        string IBase.Who() => "implemented again";
    }

    internal static void Reabstraction(Output o) => o.Line(((IBase)new MustImplement()).Who());

    private interface IFirst
    {
        int Get();
    }

    private interface ISecond
    {
        int Get();
    }

    private class Both : IFirst, ISecond
    {
        public int Get() => 1;

        int ISecond.Get() => 2;
    }

    private sealed class DerivedBoth : Both, IFirst
    {
        int IFirst.Get() => 3;
    }

    internal static void ExplicitImplementations(Output o)
    {
        var both = new Both();
        o.Line(both.Get() + (((IFirst)both).Get() * 10) + (((ISecond)both).Get() * 100));
        var derived = new DerivedBoth();
        o.Line(derived.Get() + (((IFirst)derived).Get() * 10) + (((ISecond)derived).Get() * 100));
    }

    private class NonVirtual
    {
        public string Text() => "from a class without the interface";
    }

    private interface IText
    {
        string Text();
    }

    private class ByBase : NonVirtual, IText;

    private sealed class Hides : ByBase
    {
        public new string Text() => "hides";
    }

    private sealed class Reimplements : ByBase, IText
    {
        public new string Text() => "reimplements";
    }

    internal static void ImplementedByABaseClass(Output o)
    {
        o.Line(((IText)new ByBase()).Text());
        o.Line(((IText)new Hides()).Text());
        o.Line(((IText)new Reimplements()).Text());
        o.Line(((ByBase)new Reimplements()).Text());
    }

    private abstract class Template : IShape
    {
        public abstract string Name { get; }

        public virtual string Describe() => "abstract " + Name;
    }

    private class Concrete : Template
    {
        public override string Name => "concrete";
    }

    private sealed class Further : Concrete
    {
        public override string Name => "further";

        public override string Describe() => base.Describe() + "!";
    }

    internal static void AbstractClassesBetween(Output o)
    {
        foreach (IShape shape in new IShape[] { new Concrete(), new Further() })
        {
            o.Line(shape.Name + ": " + shape.Describe());
        }
    }

    private interface IPair<T>
    {
        string Take(T value);
    }

    private sealed class TwoInstantiations : IPair<int>, IPair<string>, IPair<List<int>>
    {
        public string Take(int value) => "number " + value;

        public string Take(string value) => "text " + value;

        public string Take(List<int> value) => "list " + value.Count;
    }

    internal static void SeveralInstantiations(Output o)
    {
        object both = new TwoInstantiations();
        o.Line(((IPair<int>)both).Take(5));
        o.Line(((IPair<string>)both).Take("s"));
        o.Line(((IPair<List<int>>)both).Take([1]));
        o.Line(both is IPair<long>);
    }

    private class Own<T> : IPair<T>
    {
        public virtual string Take(T value) => "own " + value;
    }

    private sealed class OwnAndMore<T> : Own<T>, IPair<T[]>
    {
        public override string Take(T value) => "more than " + base.Take(value);

        public string Take(T[] value) => "array of " + value.Length;
    }

    internal static void GenericImplementations(Output o)
    {
        o.Line(((IPair<int>)new Own<int>()).Take(3));
        o.Line(((IPair<int>)new OwnAndMore<int>()).Take(3));
        o.Line(((IPair<int[]>)new OwnAndMore<int>()).Take([1, 2]));
        o.Line(((IPair<string>)new OwnAndMore<string>()).Take("x"));
    }

    private interface IProperty
    {
        int Value { get; set; }

        int this[int index] { get; }

        event Action Changed;
    }

    private sealed class Property : IProperty
    {
        private int _value;

        public event Action Changed;

        public int Value
        {
            get => _value;
            set
            {
                _value = value;
                Changed?.Invoke();
            }
        }

        public int this[int index] => _value + index;
    }

    internal static void PropertiesIndexersEvents(Output o)
    {
        IProperty property = new Property();
        int changes = 0;
        property.Changed += () => changes++;
        property.Value = 5;
        property.Value++;
        property.Value += property[10];
        o.Line(property.Value);
        o.Line(changes);
    }

    // More types than the cell of a call remembers.
    internal static void ManyTypesAtOneCall(Output o)
    {
        IShape[] shapes = [new Circle(), new Square(), new Dot(), new Concrete(), new Further()];
        int length = 0;
        for (int i = 0; i < 1000; i++)
        {
            length += shapes[i * 7 % shapes.Length].Describe().Length;
        }

        o.Line(length);
    }

    private interface IStatic<T>
    {
        static int s_count;

        static int Next() => ++s_count;
    }

    internal static void StaticMembers(Output o)
    {
        IStatic<int>.Next();
        o.Line(IStatic<int>.Next());
        o.Line(IStatic<string>.Next());
        IStatic<int>.s_count = 0;
    }

    internal static void CallsOnNull(Output o)
    {
        IShape none = null;
        o.Throws(() => o.Line(none.Name));
        o.Throws(() => none.Describe());
        o.Throws(() => none.Sealed());
        object wrong = "text";
        o.Throws(() => ((IShape)wrong).Describe());
    }
}
