// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Signals;

namespace Kernel.Tty.Discipline;

/// <summary>What the line discipline wants done outside of itself, in this order: flush, flow, echo, wake readers, signal.</summary>
internal struct DisciplineEffects
{
    /// <summary>Output that the driver has not sent yet is thrown away.</summary>
    public bool FlushOutput;

    /// <summary><see cref="LineDiscipline.IsOutputStopped"/> changed.</summary>
    public bool OutputFlowChanged;

    /// <summary>Readers may find something.</summary>
    public bool InputArrived;

    /// <summary>For the foreground process group; none for 0.</summary>
    public Signal Signal;
}
