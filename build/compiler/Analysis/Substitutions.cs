// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Xml.Linq;
using Asterion.Compiler.Metadata;

namespace Asterion.Compiler.Analysis;

/// <summary>
/// Methods that feature switches turn into constants or take away: CoreLib's own list (<c>ILLink.Substitutions.xml</c>, the one that ilc reads), and this compiler's, in the same
/// form. The switches are those of the kernel's build.
/// </summary>
internal sealed class Substitutions
{
    private static readonly Dictionary<string, bool> _features = new(StringComparer.Ordinal)
    {
        ["System.Globalization.Invariant"] = true,
        ["System.Globalization.PredefinedCulturesOnly"] = true,
        ["System.Diagnostics.Tracing.EventSource.IsSupported"] = false,
        ["System.Diagnostics.Metrics.Meter.IsSupported"] = false,
        ["System.Diagnostics.StackTrace.IsSupported"] = false,
        ["System.Resources.UseSystemResourceKeys"] = true,
        ["System.Diagnostics.Debugger.IsSupported"] = false,
        ["System.Collections.Generic.DefaultComparers"] = false,
        ["System.Reflection.IsReflectionExecutionAvailable"] = false,
        ["System.StartupHookProvider.IsSupported"] = false,
        ["System.Text.Encoding.EnableUnsafeUTF7Encoding"] = false,
        ["System.Reflection.Metadata.MetadataUpdater.IsSupported"] = false,
    };

    private readonly Dictionary<string, List<(string[]? Parameters, long? Value, bool IsRemoved)>> _methods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _fields = new(StringComparer.Ordinal);

    public Substitutions(ModuleFile coreLib)
    {
        using Stream own = typeof(Substitutions).Assembly.GetManifestResourceStream("Substitutions.xml")!;
        Read(XDocument.Load(own));
        foreach (ManifestResourceHandle handle in coreLib.Reader.ManifestResources)
        {
            ManifestResource resource = coreLib.Reader.GetManifestResource(handle);
            if (coreLib.Reader.GetString(resource.Name) == "ILLink.Substitutions.xml" && resource.Implementation.IsNil)
            {
                BlobReader blob = coreLib.Pe.GetSectionData(coreLib.Pe.PEHeaders.CorHeader!.ResourcesDirectory.RelativeVirtualAddress).GetReader();
                blob.Offset = (int)resource.Offset;
                Read(XDocument.Load(new MemoryStream(blob.ReadBytes(blob.ReadInt32()))));
            }
        }
    }

    /// <summary>The constant that a method returns, or null. A void method gives 0: it does nothing.</summary>
    public long? ConstantOf(MethodDesc method) => Find(method) is { IsRemoved: false } found ? found.Value ?? 0 : null;

    public long? ConstantOf(FieldDesc field) => _fields.TryGetValue(field.Owner.Definition.FullName + "." + field.Name, out long value) ? value : null;

    public bool IsRemoved(MethodDesc method) => Find(method) is { IsRemoved: true };

    private (string[]? Parameters, long? Value, bool IsRemoved)? Find(MethodDesc method)
    {
        if (_methods.TryGetValue(method.DefinitionName, out var candidates))
        {
            foreach (var candidate in candidates)
            {
                if (candidate.Parameters is null || candidate.Parameters.SequenceEqual(method.Definition.Signature.Parameters.Select(p => p.Name)))
                {
                    return candidate;
                }
            }
        }

        return null;
    }

    private void Read(XDocument document)
    {
        foreach (XElement type in document.Descendants("type"))
        {
            string name = type.Attribute("fullname")!.Value.Replace('/', '+');
            if (!IsOn(type) || (type.Parent!.Name == "assembly" && !IsOn(type.Parent)))
            {
                continue;
            }

            foreach (XElement method in type.Elements("method").Where(IsOn))
            {
                // "System.Boolean IsEnabled(System.Int32)", or a name alone, which stands for all of that name.
                string signature = method.Attribute("signature")!.Value;
                int open = signature.IndexOf('(', StringComparison.Ordinal);
                string head = open < 0 ? signature : signature[..open];
                string[]? parameters = open < 0 ? null : signature[(open + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                string key = $"{name}.{head[(head.LastIndexOf(' ') + 1)..]}";
                if (!_methods.TryGetValue(key, out var list))
                {
                    _methods.Add(key, list = []);
                }

                list.Add((parameters, method.Attribute("value") is { } value ? Parse(value.Value) : null, method.Attribute("body")?.Value == "remove"));
            }

            foreach (XElement field in type.Elements("field").Where(f => IsOn(f) && f.Attribute("value") is not null))
            {
                _fields[$"{name}.{field.Attribute("name")!.Value}"] = Parse(field.Attribute("value")!.Value);
            }
        }
    }

    private static bool IsOn(XElement element) => element.Attribute("feature") is not { } feature
        || (_features.TryGetValue(feature.Value, out bool value)
            ? string.Equals(element.Attribute("featurevalue")!.Value, value ? "true" : "false", StringComparison.OrdinalIgnoreCase)
            : element.Attribute("featuredefault")?.Value == "true");

    private static long Parse(string value) => value switch
    {
        "true" => 1,
        "false" => 0,
        _ => long.Parse(value, CultureInfo.InvariantCulture),
    };
}
