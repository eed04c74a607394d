// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Testing;

/// <summary>The <c>[KernelTest]</c>s of an image; the generator implements it.</summary>
public interface IKernelTestList
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The full name: namespace, class and method.</summary>
    string NameOf(int index);

    /// <summary>Runs one; it fails by throwing.</summary>
    void Run(int index);
}
