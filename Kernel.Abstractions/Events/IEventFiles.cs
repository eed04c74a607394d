// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Time;

namespace Kernel.Abstractions.Events;

/// <summary>Makes the files that stand for events, implemented by Kernel.Events. The flags are O_NONBLOCK or none.</summary>
public interface IEventFiles
{
    /// <summary>eventfd2(2).</summary>
    OpenFile CreateEventFd(uint initialValue, bool isSemaphore, OpenFlags flags, IThread creator);

    /// <summary>signalfd4(2); the file is an <see cref="ISignalFile"/>.</summary>
    OpenFile CreateSignalFd(SignalSet mask, OpenFlags flags, IThread creator);

    /// <summary>timerfd_create(2); the file is an <see cref="ITimerFile"/>.</summary>
    OpenFile CreateTimerFd(ClockId clock, OpenFlags flags, IThread creator);

    /// <summary>epoll_create1(2); the file is an <see cref="IEventPoll"/>.</summary>
    OpenFile CreateEventPoll(IThread creator);
}

/// <summary>A signalfd.</summary>
public interface ISignalFile
{
    /// <summary>The signals that it takes.</summary>
    SignalSet Mask { get; set; }
}

/// <summary>A timerfd.</summary>
public interface ITimerFile
{
    /// <summary>Time left and period.</summary>
    TimerSetting Get();

    /// <summary>Arms or disarms it. An absolute value is on the timer's own clock.</summary>
    /// <param name="cancelsOnSet">Reads answer ECANCELED after the wall clock was set (TFD_TIMER_CANCEL_ON_SET).</param>
    /// <returns>What was left before.</returns>
    TimerSetting Set(TimerSetting setting, bool isAbsolute, bool cancelsOnSet);
}
