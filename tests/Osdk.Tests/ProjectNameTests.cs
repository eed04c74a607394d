// SPDX-License-Identifier: MPL-2.0

using Xunit;

namespace Asterion.Osdk.Projects.Tests;

/// <summary>What <c>osdk new</c> takes for a name.</summary>
public class ProjectNameTests
{
    [Theory]
    [InlineData("demo")]
    [InlineData("MyKernel")]
    [InlineData("my_kernel2")]
    [InlineData("Acme.Kernel.Boot")]
    [InlineData("x")]
    [InlineData("Class")]
    [InlineData("acme.var")]
    public void GoodName_IsTaken(string name) => Assert.Null(ProjectName.Trouble(name));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("two words")]
    [InlineData("1st")]
    [InlineData("_hidden")]
    [InlineData("my-kernel")]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a.1")]
    [InlineData("..")]
    [InlineData("../up")]
    [InlineData("/tmp/x")]
    [InlineData("a/b")]
    [InlineData("a;b")]
    [InlineData("$(Configuration)")]
    [InlineData("a\n")]
    [InlineData("größe")]
    public void OtherCharacters_AreRefused(string name) => Assert.Contains("is no name", ProjectName.Trouble(name));

    [Theory]
    [InlineData("class")]
    [InlineData("acme.namespace.boot")]
    [InlineData("while")]
    public void Keyword_IsRefused(string name) => Assert.Contains("keyword", ProjectName.Trouble(name));

    [Fact]
    public void LongName_IsRefused()
    {
        Assert.Null(ProjectName.Trouble(new string('a', 64)));
        Assert.NotNull(ProjectName.Trouble(new string('a', 65)));
    }

    [Theory]
    [InlineData("Task", true)]
    [InlineData("Ostd.Mine", true)]
    [InlineData("Mine.Task", false)]
    [InlineData("TryCreate", false)]
    [InlineData("Remark", false)]
    [InlineData("task", false)]
    public void NameThatHidesAType_IsRefused(string name, bool isRefused)
        => Assert.Equal(isRefused, ProjectName.Trouble(name, "using Ostd.Tasks; class P { object? T() => Task.TryCreate(); } // Remark") is not null);
}
