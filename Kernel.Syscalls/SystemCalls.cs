// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary><c>struct sysinfo</c> (man 2 sysinfo), 112 bytes.</summary>
public struct SystemInfoBlock
{
    public long UptimeSeconds;
    public ulong LoadOneMinute;
    public ulong LoadFiveMinutes;
    public ulong LoadFifteenMinutes;
    public ulong TotalMemory;
    public ulong FreeMemory;
    public ulong SharedMemory;
    public ulong BufferMemory;
    public ulong TotalSwap;
    public ulong FreeSwap;
    public ushort Processes;
    public ushort Padding;
    public uint Alignment;
    public ulong TotalHigh;
    public ulong FreeHigh;
    public uint UnitBytes;
    public uint Tail;
}

/// <summary>uname(2), sysinfo(2), sethostname(2), setdomainname(2), reboot(2), syslog(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SystemCalls(ISystemIdentity identity, IProcessTable table, ILoadAverage load)
{
    /// <summary>Length of each field of <c>struct utsname</c>.</summary>
    private const int NameBytes = 65;

    private const int NameFields = 6;
    private const int LongestName = 64;

    /// <summary>Fixed-point places of sysinfo(2)'s loads are 16; those of the average are 11.</summary>
    private const int LoadShift = 16 - 11;

    [Syscall("uname")]
    public Errno Uname(ulong buffer)
    {
        Span<byte> fields = stackalloc byte[NameBytes * NameFields];
        fields.Clear();
        Put(fields, 0, identity.SystemName);
        Put(fields, 1, identity.NodeName);
        Put(fields, 2, identity.Release);
        Put(fields, 3, identity.Version);
        Put(fields, 4, identity.Machine);
        Put(fields, 5, identity.DomainName);
        var writer = VmWriter.FromUser(buffer, fields.Length);
        return writer.Write(fields) == fields.Length ? Errno.Success : Errno.EFAULT;
    }

    [Syscall("sethostname")]
    public Errno SetHostName(SyscallContext context, ulong name, int length)
    {
        var read = ReadName(context, name, length);
        if (read.IsOk)
            identity.NodeName = read.Value;
        return read.Error;
    }

    [Syscall("setdomainname")]
    public Errno SetDomainName(SyscallContext context, ulong name, int length)
    {
        var read = ReadName(context, name, length);
        if (read.IsOk)
            identity.DomainName = read.Value;
        return read.Error;
    }

    [Syscall("sysinfo")]
    public Errno SysInfo(UserPtr<SystemInfoBlock> info)
    {
        var (one, five, fifteen) = load.Get();
        return info.Write(new SystemInfoBlock
        {
            UptimeSeconds = Clock.MonotonicNs / 1_000_000_000,
            LoadOneMinute = one << LoadShift,
            LoadFiveMinutes = five << LoadShift,
            LoadFifteenMinutes = fifteen << LoadShift,
            TotalMemory = (ulong)(PhysicalMemory.TotalPages * Paging.PageSizeBytes),
            FreeMemory = (ulong)(PhysicalMemory.FreePages * Paging.PageSizeBytes),
            Processes = (ushort)table.Count,
            UnitBytes = 1,
        });
    }

    [Syscall("reboot", Flags = """
        reboot(magic = LINUX_REBOOT_MAGIC1, magic2, op = LINUX_REBOOT_CMD_RESTART | LINUX_REBOOT_CMD_RESTART2 | LINUX_REBOOT_CMD_HALT | LINUX_REBOOT_CMD_POWER_OFF |
            LINUX_REBOOT_CMD_CAD_ON | LINUX_REBOOT_CMD_CAD_OFF, arg);
        """)]
    public Errno Reboot(SyscallContext context, uint magic, uint magic2, uint command, ulong argument)
    {
        const uint Magic = 0xfee1dead;
        const uint Restart = 0x01234567;
        const uint Restart2 = 0xa1b2c3d4;
        const uint Halt = 0xcdef0123;
        const uint PowerOff = 0x4321fedc;
        const uint KeysOn = 0x89abcdef;
        const uint KeysOff = 0;
        if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_BOOT))
            return Errno.EPERM;
        if (magic != Magic || magic2 is not (672274793 or 85072278 or 369367448 or 537993216))
            return Errno.EINVAL;
        switch (command)
        {
            case KeysOn or KeysOff:
                // There is no keyboard whose Ctrl-Alt-Del could reach the kernel.
                return Errno.Success;
            case Restart or Restart2:
                Log.Info("reboot: Restarting system");
                Power.Reset();
                return Errno.Success;
            case Halt:
                // A halted virtual machine is of no use to anybody: it is powered off.
                Log.Info("reboot: System halted");
                Power.Off();
                return Errno.Success;
            case PowerOff:
                Log.Info("reboot: Power down");
                Power.Off();
                return Errno.Success;
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall("syslog", Flags = """
        syslog(type = SYSLOG_ACTION_CLOSE | SYSLOG_ACTION_OPEN | SYSLOG_ACTION_READ_ALL | SYSLOG_ACTION_CONSOLE_LEVEL | SYSLOG_ACTION_SIZE_UNREAD | SYSLOG_ACTION_SIZE_BUFFER, buf, len);
        """)]
    public Result<int> Syslog(SyscallContext context, int action, ulong buffer, int length)
    {
        const int Close = 0;
        const int Open = 1;
        const int ReadAll = 3;
        const int ConsoleLevel = 8;
        const int SizeUnread = 9;
        const int SizeBuffer = 10;
        const int BufferBytes = 1 << 16;
        if (action is not (ReadAll or SizeBuffer) && !context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
            return Errno.EPERM;
        switch (action)
        {
            case Close or Open:
                return 0;
            case ReadAll:
                if (buffer == 0 || length < 0)
                    return Errno.EINVAL;
                var copy = new byte[Math.Min(length, BufferBytes)];
                var count = Log.CopyRecent(copy);
                var writer = VmWriter.FromUser(buffer, count);
                return writer.Write(copy.AsSpan(0, count)) == count ? count : Errno.EFAULT;
            case ConsoleLevel:
                if (length is < 1 or > 8)
                    return Errno.EINVAL;
                Log.ConsoleLevel = (LogLevel)(length - 1); // what is less than the level is shown (man 2 syslog)
                return 0;
            case SizeUnread:
                return Log.Length;
            case SizeBuffer:
                return BufferBytes;
            default:
                return Errno.EINVAL;
        }
    }

    private static void Put(Span<byte> fields, int index, string text) =>
        Encoding.Latin1.GetBytes(text.AsSpan(0, Math.Min(text.Length, LongestName)), fields[(index * NameBytes)..]);

    private static Result<string> ReadName(in SyscallContext context, ulong address, int length)
    {
        if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
            return Errno.EPERM;
        if (length is < 0 or > LongestName)
            return Errno.EINVAL;
        Span<byte> bytes = stackalloc byte[LongestName];
        var reader = VmReader.FromUser(address, length);
        if (reader.Read(bytes[..length]) != length)
            return Errno.EFAULT;
        return Encoding.Latin1.GetString(bytes[..length]);
    }
}
