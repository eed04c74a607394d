// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Random;
using Xunit;

namespace Kernel.Time.Tests;

public class ChaCha20Tests
{
    /// <summary>RFC 8439, section 2.3.2: the test vector of the block function.</summary>
    [Fact]
    public void Block_OfTheRfcVector_IsTheRfcsKeyStream()
    {
        var key = new byte[32];
        for (var i = 0; i < key.Length; i++)
        {
            key[i] = (byte)i;
        }

        byte[] nonce = [0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0];
        var output = new byte[ChaCha20.BlockBytes];

        ChaCha20.Block(key, 1, nonce, output);

        Assert.Equal(
            "10F1E7E4D13B5915500FDD1FA32071C4C7D1F4C733C068030422AA9AC3D46C4ED2826446079FAA0914C2D705D98B02A2B5129CD1DE164EB9CBD083E8A2503C4E",
            Convert.ToHexString(output));
    }
}
