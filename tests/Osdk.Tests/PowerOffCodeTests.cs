// SPDX-License-Identifier: MPL-2.0

using System.Text;
using Asterion.Osdk.Machine;
using Xunit;

namespace Asterion.Osdk.Tests;

public sealed class PowerOffCodeTests
{
    [Theory]
    [InlineData("booted\r\n\r\npower off: code 80\r\n", 161)]
    [InlineData("booted\r\n", 0)]
    [InlineData("a power off: code 3\r\n", 0)]
    [InlineData("\r\npower off: code 3\r\nanother line\r\n", 0)]
    public void StatusFor_LastLine_DecidesWhereQemuPoweredOff(string output, int expected)
    {
        var inOne = new PowerOffCode();
        inOne.Write(Encoding.ASCII.GetBytes(output));
        Assert.Equal(expected, inOne.StatusFor(0));
        Assert.Equal(1, inOne.StatusFor(1));
        var inBytes = new PowerOffCode();
        foreach (byte value in Encoding.ASCII.GetBytes(new string('x', 100) + output))
        {
            inBytes.Write([value]);
        }
        Assert.Equal(expected, inBytes.StatusFor(0));
    }
}
