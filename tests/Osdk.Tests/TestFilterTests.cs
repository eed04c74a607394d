// SPDX-License-Identifier: MPL-2.0

using Asterion.Osdk.Testing;
using Xunit;

namespace Asterion.Osdk.Tests;

public sealed class TestFilterTests
{
    [Fact]
    public void Selects_NoWords_All() => Assert.True(new TestFilter([]).Selects("guest/pipes/a@4"));

    [Theory]
    [InlineData("guest/pipes/a@4", true)]
    [InlineData("GUEST/pipes/a", true)]
    [InlineData("kernel/a", true)]
    [InlineData("guest/pipes/a+riscv64@4", false)]
    [InlineData("stress/a", false)]
    public void Selects_WantedAndUnwanted_WantedUnlessUnwanted(string name, bool isSelected) => Assert.Equal(isSelected, new TestFilter(["guest/", "kernel/", "!+riscv64"]).Selects(name));

    [Fact]
    public void Selects_OnlyUnwanted_AllOthers()
    {
        var filter = new TestFilter(["!+llvm", "!compiler/"]);
        Assert.True(filter.Selects("guest/pipes/a@4"));
        Assert.False(filter.Selects("conformance/tar+llvm"));
    }
}
