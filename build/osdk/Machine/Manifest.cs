// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Asterion.Osdk.Machine;

/// <summary>
/// The manifest <c>osdk.json</c>. Sections <c>build</c>, <c>boot</c> and <c>qemu</c> hold for every command; inside <c>run</c>, <c>test</c>
/// or <c>bench</c> they hold for that command; a scheme repeats all of this and comes before it. For one value the order is: command line,
/// scheme's command section, scheme, the manifest's command section, manifest, built-in default.
/// </summary>
internal sealed class Manifest : ManifestScheme
{
    /// <summary>Schemes by name; selected with <c>--scheme</c>.</summary>
    [JsonPropertyName("scheme")]
    public Dictionary<string, ManifestScheme> Schemes { get; init; } = [];

    /// <summary>Editors find the schema through it.</summary>
    [JsonPropertyName("$schema")]
    public string? Schema { get; init; }

    /// <summary>Reads the manifest of the repository or of the project at hand; without one it is empty.</summary>
    public static Manifest Load()
    {
        string path = Path.Combine(Repository.Project ?? Repository.Root, "osdk.json");
        if (!File.Exists(path))
        {
            return new Manifest();
        }
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, ManifestJson.Default.Manifest) ?? new Manifest();
        }
        catch (JsonException malformed)
        {
            throw new OsdkException($"{path}: {malformed.Message}");
        }
    }

    /// <summary>The settings for one command.</summary>
    public MachineSettings Resolve(string action, string? schemeName)
    {
        MachineSettings own = ForAction(action);
        if (schemeName is null)
        {
            return own;
        }
        return Schemes.TryGetValue(schemeName, out ManifestScheme? scheme)
            ? scheme.ForAction(action).Over(own)
            : throw new OsdkException($"osdk.json has no scheme \"{schemeName}\"; it has: {string.Join(", ", Schemes.Keys)}");
    }
}

/// <summary>Common sections, and the sections of single commands.</summary>
internal class ManifestScheme : ManifestSections
{
    public ManifestSections? Run { get; init; }

    public ManifestSections? Test { get; init; }

    public ManifestSections? Bench { get; init; }

    /// <summary>The settings for one command: its own sections over the common ones.</summary>
    public MachineSettings ForAction(string action)
    {
        ManifestSections? special = action switch { "run" => Run, "test" => Test, "bench" => Bench, _ => null };
        MachineSettings common = ToSettings();
        return special is null ? common : special.ToSettings().Over(common);
    }
}

/// <summary>The three sections in which settings stand.</summary>
internal class ManifestSections
{
    public ManifestBuild? Build { get; init; }

    public ManifestBoot? Boot { get; init; }

    public ManifestQemu? Qemu { get; init; }

    /// <summary>The same, flat.</summary>
    public MachineSettings ToSettings() => new()
    {
        Arch = Build?.Arch,
        Configuration = Build?.Profile,
        Kernel = Boot?.Kernel,
        Boot = Boot?.Method,
        KernelArguments = Boot?.KcmdArgs ?? [],
        InitArguments = Boot?.InitArgs ?? [],
        // Relative paths in the manifest are relative to it.
        Initramfs = Boot?.Initramfs is { } initramfs ? Path.Combine(Repository.Project ?? Repository.Root, initramfs) : null,
        Userland = Boot?.Userland,
        Qemu = Qemu?.Path,
        Cpus = Qemu?.Smp,
        Memory = Qemu?.Memory,
        Network = Qemu?.Net,
        Machine = Qemu?.Machine,
        Console = Qemu?.Console,
        Iommu = Qemu?.Iommu,
        Disks = Qemu?.Disks ?? [],
        QemuArguments = Qemu?.Args ?? [],
    };
}

/// <summary>How the kernel is built.</summary>
internal sealed record ManifestBuild(string? Arch, string? Profile);

/// <summary>What is booted and with which arguments.</summary>
internal sealed record ManifestBoot(string? Kernel, string? Method, string[]? KcmdArgs, string[]? InitArgs, string? Initramfs, string? Userland);

/// <summary>The machine.</summary>
internal sealed record ManifestQemu(string? Path, int? Smp, string? Memory, string? Net, bool? Iommu, string? Machine, string? Console, string[]? Disks, string[]? Args);

/// <summary>Reads the manifest without reflection; unknown names are errors, so that a typing mistake shows.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(Manifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
