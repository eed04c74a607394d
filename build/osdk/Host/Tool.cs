// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;

namespace Asterion.Osdk.Host;

/// <summary>Runs short host programs.</summary>
internal static class Tool
{
    /// <summary>Runs a program and gives its standard output; fails with its error output.</summary>
    public static string Read(string program, params string[] arguments)
    {
        using ChildProcess child = ChildProcess.Start(program, arguments, redirect: true);
        Task<string> error = child.Error.ReadToEndAsync();
        using var reader = new StreamReader(child.Output);
        string output = reader.ReadToEnd();
        int status = child.WaitForExit();
        return status == 0 ? output : throw new OsdkException($"{program} failed ({status}): {error.Result.Trim()}");
    }

    /// <summary>Runs a program with all output in a log file; fails with a pointer to it.</summary>
    public static void Run(string title, string logName, string program, IEnumerable<string> arguments)
    {
        string log = Path.Combine(Repository.Logs, logName);
        int status = Report.Progress(title, () => RunLogged(log, program, arguments));
        if (status != 0)
        {
            throw new OsdkException($"{title}: failed ({status})", log);
        }
    }

    /// <summary>Runs a program with all output in a log file and gives its exit status.</summary>
    public static int RunLogged(string log, string program, IEnumerable<string> arguments, double? timeoutSeconds = null)
    {
        using FileStream file = File.Create(log);
        using ChildProcess child = ChildProcess.Start(program, arguments, redirect: true, timeoutSeconds);
        Task<string> error = child.Error.ReadToEndAsync();
        child.Output.CopyTo(file);
        int status = child.WaitForExit();
        file.Flush();
        using var writer = new StreamWriter(file);
        writer.Write(error.Result);
        return child.HasTimedOut ? ExitCodes.TimedOut : child.ReceivedSignal != 0 ? ExitCodes.Interrupted + child.ReceivedSignal : status;
    }
}
