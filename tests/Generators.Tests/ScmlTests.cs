// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Asterion.Generators.Scml;
using Xunit;

namespace Asterion.Generators.Tests;

public class ScmlTests
{
    [Fact]
    public void Rules_WithNamedSets_AreResolved()
    {
        var rules = ScmlParser.Parse("""
            // how to open
            access = O_RDONLY | O_WRONLY;
            /* two rules */
            open(path = <PATH>, flags = <access> | O_CLOEXEC);
            open(path, flags = O_CREAT | <access>, mode);
            """);
        Assert.Equal(2, rules.Count);
        Assert.Equal(["O_RDONLY", "O_WRONLY", "O_CLOEXEC"], rules[0].Arguments[1].Flags);
        Assert.Equal(["path", "flags", "mode"], rules[1].Arguments.Select(a => a.Name));
    }

    [Fact]
    public void Rules_WithStructsAndArrays_GiveTheFlagsInside()
    {
        var rules = ScmlParser.Parse("""
            struct pollfd = { events = POLLIN | POLLOUT, revents = POLLERR, .. };
            poll(fds = [ <pollfd> ], nfds, timeout);
            capget(hdrp = { version = _LINUX_CAPABILITY_VERSION_3, .. }, datap);
            """);
        Assert.Equal(["POLLIN", "POLLOUT", "POLLERR"], rules[0].Arguments[0].Flags);
        Assert.Equal(["_LINUX_CAPABILITY_VERSION_3"], rules[1].Arguments[0].Flags);
    }

    [Fact]
    public void Rules_OfOneStructName_AddUp()
    {
        var rules = ScmlParser.Parse("struct c = { level = A, .. }; struct c = { level = B, .. }; recvmsg(fd, msg = <c>, flags = <INTEGER> | MSG_PEEK, ..);");
        Assert.Equal(["A", "B"], rules[0].Arguments[1].Flags);
        Assert.Equal(["MSG_PEEK"], rules[0].Arguments[2].Flags);
    }

    [Theory]
    [InlineData("open(path")]
    [InlineData("open(path) ")]
    [InlineData("open(path, flags = );")]
    [InlineData("open(path, flags = O_RDONLY |);")]
    [InlineData("open(.., path);")]
    [InlineData("open(path, flags = <nothing>);")]
    [InlineData("= O_RDONLY;")]
    public void BadRule_IsRefused(string text) => Assert.NotNull(ScmlParser.Check("open", text));

    [Fact]
    public void NoRule_IsRefused() => Assert.Equal("there is no rule", ScmlParser.Check("open", "// nothing"));
}
