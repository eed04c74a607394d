// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>The names of uname(2), of <c>/proc/version</c> and <c>/proc/sys/kernel</c>. Strings hold bytes (Latin-1).</summary>
public interface ISystemIdentity
{
    /// <summary>Linux: programs ask for it.</summary>
    string SystemName { get; }

    /// <summary>sethostname(2); at most 64 bytes.</summary>
    string NodeName { get; set; }

    /// <summary>A release that programs accept.</summary>
    string Release { get; }

    /// <summary>Build number and name of the system.</summary>
    string Version { get; }

    string Machine { get; }

    /// <summary>setdomainname(2).</summary>
    string DomainName { get; set; }
}
