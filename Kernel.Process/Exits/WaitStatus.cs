// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Process.Exits;

/// <summary>The status word of waitpid(2): low 7 bits the signal that killed, bit 7 a core dump, next 8 bits the exit code or the stop signal.</summary>
internal static class WaitStatus
{
    /// <summary>The word of a child that went on after a stop.</summary>
    public const int Continued = 0xffff;

    public static int Exited(int code) => (code & 0xff) << 8;

    public static int Stopped(int signal) => signal << 8 | 0x7f;

    public static bool IsExit(int status) => (status & 0x7f) == 0;

    public static int ExitCode(int status) => status >> 8 & 0xff;

    public static int TerminatingSignal(int status) => status & 0x7f;
}
