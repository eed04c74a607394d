// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;

namespace Asterion.Osdk.Testing;

/// <summary>Disks: 256 MiB there and back with checksums that the host computes, 32 MiB on machines with an IOMMU, and what block devices have to do (<c>tests/disk</c>).</summary>
internal sealed class DiskSuite : ITestSuite
{
    private const int Megabyte = 1 << 20;
    private const string Program = "block_device";
    private const string PartitionStep = "partitions";
    private const string MicroStep = "virtio-mmio";
    private const int MicroSize = 16 * Megabyte;
    private const string IommuState = "/proc/asterion/iommu";

    /// <inheritdoc/>
    public string Name => "disk";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        if (run.Selects($"{Name}/{MicroStep}") && !run.IsOnLinux && run.Settings is { Boot: "pvh", Cpus: null or 1, Iommu: not true })
        {
            RunMicro(run);
        }
        if (run.Selects($"{Name}/{PartitionStep}") && !run.IsOnLinux)
        {
            RunPartitions(run);
        }
        // With an IOMMU it is the remapping that is tested, and no longer the disk.
        int size = run.Settings.Iommu == true ? 32 : 256;
        string readStep = $"read-{size}-MiB";
        string writeStep = $"write-{size}-MiB";
        string[] selected = [.. new[] { readStep, writeStep, Program }.Where(step => run.Selects($"{Name}/{step}"))];
        if (selected.Length == 0 || run.IsOnLinux)
        {
            // Debian's kernel has the driver in a module.
            return;
        }

        string folder = Directory.CreateDirectory(Path.Combine(Repository.Out, "disks", Environment.ProcessId + run.MachineMark)).FullName;
        string scratch = Path.Combine(folder, "scratch.img");
        string source = Path.Combine(folder, "source.img");
        string small = Path.Combine(folder, "small.img");
        try
        {
            string sum = WriteRandom(source, size * Megabyte);
            CreateEmpty(scratch, size * Megabyte);
            CreateEmpty(small, Megabyte);
            RunSteps(run, selected, readStep, writeStep, sum, [scratch, source + ",readonly", small]);
            if (selected.Contains(writeStep))
            {
                Judge(run, writeStep + "-reaches-the-image", SumOf(scratch) == sum, "the image has another checksum than what was written");
            }
            Judge(run, "a-read-only-image-is-not-changed", SumOf(source) == sum, "the image has changed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void RunSteps(TestRun run, string[] selected, string readStep, string writeStep, string sum, string[] disks)
    {
        string binary = GuestSuite.CompileFile(Repository.File("tests", "disk", Program + ".c"), "disk-" + Program);
        // The disks reach memory through the IOMMU, if there is one: pages are mapped, and none was missing.
        string state = run.Settings.Iommu == true ? $"grep -Eq 'mapped_pages [1-9]' {IommuState} && grep -qx 'faults 0' {IommuState}" : ":";
        var scripts = new Dictionary<string, string>
        {
            [readStep] = $"#!/bin/sh\nmd5sum </dev/vdb && {state}\n",
            [writeStep] = $"#!/bin/sh\ndd if=/dev/vdb of=/dev/vda bs=64k conv=fsync 2>/dev/null && md5sum </dev/vda && {state}\n",
            [Program] = $"#!/bin/sh\ncd /tmp && exec /osdk/disk/{Program}\n",
        };
        new GuestSteps(run.Settings with { Disks = disks }, "disk.log")
        {
            AddFiles = cpio =>
            {
                cpio.AddDirectory("osdk/disk");
                cpio.AddFile("osdk/disk/" + Program, File.ReadAllBytes(binary), 0b111_101_101);
            },
            Finished = (step, outcome) =>
            {
                run.Note($"{Name}/{step}: {outcome.Duration.TotalSeconds:F1} s");
                if (step == Program)
                {
                    GuestSuite.Judge(run, Name, step, outcome);
                }
                else
                {
                    Judge(run, step, outcome.Status == 0 && outcome.Text.Trim() == sum + "  -", outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim()} and not {sum}");
                }
            },
        }.Run([.. selected.Select(step => (step, scripts[step]))]);
    }

    // Two disks with partitions, whose names, sizes and places are right; what is written to one stays in it.
    private void RunPartitions(TestRun run)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Repository.Out, "disks", $"{Environment.ProcessId}{run.MachineMark}-partitions")).FullName;
        string master = Path.Combine(folder, "mbr.img");
        string guid = Path.Combine(folder, "gpt.img");
        try
        {
            PartitionedImages.WriteMasterBootRecord(master, "vda");
            PartitionedImages.WriteGuidTable(guid, "vdb");
            byte[] expected = File.ReadAllBytes(guid);
            expected.AsSpan(5000 * 512, 200 * 512).Fill((byte)'x');
            string[] names = ["vda1", "vda4", "vda5", "vda6", "vdb1", "vdb3"];
            string script = "#!/bin/sh\nawk '$1 == 254 { print $3, $4 }' /proc/partitions\n"
                + string.Concat(names.Select(name => $"head -c 4 /dev/{name}; echo\n"))
                + "yes x | tr -d '\\n' | dd of=/dev/vdb3 bs=1k 2>/dev/null && echo endless\nsync\n";
            string wanted = string.Join('\n', [.. PartitionedImages.LinesOf("vda", isGuid: false), .. PartitionedImages.LinesOf("vdb", isGuid: true), .. names]);
            new GuestSteps(run.Settings with { Disks = [master, guid] }, "disk-partitions.log")
            {
                Finished = (step, outcome) =>
                    Judge(run, step, outcome.Status == 0 && outcome.Text.Trim() == wanted, outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim()} and not {wanted}"),
            }.Run([(PartitionStep, script)]);
            Judge(run, PartitionStep + "-are-written-within", File.ReadAllBytes(guid).AsSpan().SequenceEqual(expected), "the image has other contents than what was written");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A machine without PCI: the disk and the console are virtio-mmio devices. The guest reads the disk, and copies its second half over the first.
    private void RunMicro(TestRun run)
    {
        string disk = Path.Combine(Directory.CreateDirectory(Path.Combine(Repository.Out, "disks")).FullName, $"{Environment.ProcessId}-micro.img");
        try
        {
            string sum = WriteRandom(disk, MicroSize);
            byte[] expected = File.ReadAllBytes(disk);
            expected.AsSpan(MicroSize / 2).CopyTo(expected);
            const string script = "#!/bin/sh\ntest -c /dev/hvc0 && grep -q '^hvc0  *-W- (EC    )  229:0$' /proc/consoles && grep -q '^ttyS0  *-W- (E  p a)    4:64$' /proc/consoles && md5sum </dev/vda && dd if=/dev/vda of=/dev/vda bs=64k skip=128 count=128 conv=notrunc,fsync 2>/dev/null\n";
            new GuestSteps(run.Settings with { Machine = "microvm", Console = "hvc0", Disks = [disk] }, "disk-micro.log")
            {
                Finished = (step, outcome) =>
                    Judge(run, step, outcome.Status == 0 && outcome.Text.Trim() == sum + "  -", outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim()} and not {sum}"),
            }.Run([(MicroStep, script)]);
            Judge(run, MicroStep + "-writes-reach-the-image", File.ReadAllBytes(disk).AsSpan().SequenceEqual(expected), "the image has other contents than what was written");
        }
        finally
        {
            File.Delete(disk);
        }
    }

    private void Judge(TestRun run, string test, bool isGood, string reason) => run.Judge($"{Name}/{test}", isGood ? null : reason);

    private static void CreateEmpty(string path, long length)
    {
        using FileStream file = File.Create(path);
        file.SetLength(length);
    }

    private static string WriteRandom(string path, int length)
    {
        using FileStream file = File.Create(path);
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var random = new Random(20260101);
        byte[] buffer = new byte[Megabyte];
        for (int done = 0; done < length; done += buffer.Length)
        {
            random.NextBytes(buffer);
            file.Write(buffer);
            sum.AppendData(buffer);
        }
        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    // Nothing here is a secret: it is the cheapest sum that the guest's busybox has.
#pragma warning disable CA5351
    private static string SumOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(MD5.HashData(file));
    }
#pragma warning restore CA5351
}
