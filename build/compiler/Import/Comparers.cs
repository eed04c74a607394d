// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Import;

/// <summary>What <c>EqualityComparer&lt;T&gt;.Default</c> and <c>Comparer&lt;T&gt;.Default</c> are: the comparers that ilc makes, by the type's own interface where it has one.</summary>
internal static class Comparers
{
    /// <summary>Whether a method is the one that makes a default comparer.</summary>
    public static bool IsDefault(MethodDesc method) => method.Name == "Create" && method.Signature.Parameters.Length == 0
        && method.Owner.Definition.FullName is "System.Collections.Generic.EqualityComparer`1" or "System.Collections.Generic.Comparer`1";

    /// <summary>The constructor of the default comparer for an <c>EqualityComparer&lt;T&gt;</c> or <c>Comparer&lt;T&gt;</c>.</summary>
    public static MethodDesc ConstructorFor(DefType baseType)
    {
        DefType comparer = TypeFor(baseType);
        return comparer.GetMethod(comparer.Definition.Methods.Single(m => m.IsConstructor && m.Signature.Parameters.Length == 0));
    }

    private static DefType TypeFor(DefType baseType)
    {
        TypeSystem system = baseType.System;
        TypeDesc type = baseType.Arguments[0];
        bool isEquality = baseType.Definition.SimpleName == "EqualityComparer`1";
        string suffix = isEquality ? "EqualityComparer`1" : "Comparer`1";
        DefType own = system.CoreType("System", isEquality ? "IEquatable`1" : "IComparable`1");
        if (isEquality && type == system.String)
        {
            return system.CoreType("System.Collections.Generic", "StringEqualityComparer");
        }

        if (type is DefType { IsNullable: true } nullable && nullable.Arguments[0] is DefType inner && inner.Interfaces.Contains(own.Instantiate(inner)))
        {
            return system.CoreType("System.Collections.Generic", "Nullable" + suffix).Instantiate(inner);
        }

        string prefix = type.Kind == TypeKind.Enum ? "Enum" : type is DefType defined && defined.Interfaces.Contains(own.Instantiate(type)) ? "Generic" : "Object";
        return system.CoreType("System.Collections.Generic", prefix + suffix).Instantiate(type);
    }
}
