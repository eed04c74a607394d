// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty.Discipline;

/// <summary>The editing characters of canonical mode: ERASE, WERASE, KILL and REPRINT, and what they show. Not thread-safe.</summary>
internal sealed class LineEditor(InputBuffer input, Echo echo, OutputProcessor output)
{
    /// <summary>Takes back the last character.</summary>
    public void EraseCharacter(in Termios modes)
    {
        if (input.EditCount == 0)
        {
            return;
        }

        EraseOne(in modes, modes.Has(LocalModes.ECHOE));
        FinishIfEmpty(in modes);
    }

    /// <summary>Takes back the last word: what is no letter, digit or underscore, and then what is.</summary>
    public void EraseWord(in Termios modes)
    {
        var inWord = false;
        while (input.EditCount > 0)
        {
            var lead = input.EditByte(input.EditCount - LastCharacterLength());
            if (IsWordCharacter(lead))
            {
                inWord = true;
            }
            else if (inWord)
            {
                break;
            }

            if (!EraseOne(in modes, true))
            {
                break;
            }
        }

        FinishIfEmpty(in modes);
    }

    /// <summary>Takes back the line.</summary>
    public void EraseLine(in Termios modes)
    {
        if (input.EditCount == 0)
        {
            return;
        }

        if (!modes.Has(LocalModes.ECHO))
        {
            input.RemoveLast(input.EditCount);
            return;
        }

        if (!modes.Has(LocalModes.ECHOK) || !modes.Has(LocalModes.ECHOKE) || !modes.Has(LocalModes.ECHOE))
        {
            input.RemoveLast(input.EditCount);
            echo.FinishErasing();
            echo.Put(modes[ControlCharacter.VKILL]);
            if (modes.Has(LocalModes.ECHOK))
            {
                echo.PutRaw((byte)'\n');
            }

            return;
        }

        while (input.EditCount > 0 && EraseOne(in modes, true))
        {
        }

        FinishIfEmpty(in modes);
    }

    /// <summary>Shows the line under edit again on a new line.</summary>
    public void Reprint(byte character)
    {
        echo.FinishErasing();
        echo.Put(character);
        echo.PutRaw((byte)'\n');
        for (var index = 0; index < input.EditCount; index++)
        {
            echo.Put(input.EditByte(index));
        }
    }

    /// <summary>Letters of Latin-1 count, and so do the lead bytes of UTF-8, as in Linux.</summary>
    private static bool IsWordCharacter(byte character)
        => character is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'_' or (>= 0xc0 and not (0xd7 or 0xf7));

    /// <summary>Bytes of the last character: several in UTF-8.</summary>
    private int LastCharacterLength()
    {
        var length = 1;
        while (length < input.EditCount && output.IsContinuation(input.EditByte(input.EditCount - length)))
        {
            length++;
        }

        return length;
    }

    /// <returns>False when the line holds nothing but the rest of a broken character, which stays.</returns>
    private bool EraseOne(in Termios modes, bool wipes)
    {
        var length = LastCharacterLength();
        var start = input.EditCount - length;
        var lead = input.EditByte(start);
        if (output.IsContinuation(lead))
        {
            return false;
        }

        if (!modes.Has(LocalModes.ECHO))
        {
            input.RemoveLast(length);
        }
        else if (modes.Has(LocalModes.ECHOPRT))
        {
            echo.PutErased(lead);
            for (var index = 1; index < length; index++)
            {
                echo.PutRaw(input.EditByte(start + index));
            }

            input.RemoveLast(length);
        }
        else if (!wipes)
        {
            input.RemoveLast(length);
            echo.Put(modes[ControlCharacter.VERASE]);
        }
        else if (lead == (byte)'\t')
        {
            input.RemoveLast(length);
            EraseTab(in modes);
        }
        else
        {
            input.RemoveLast(length);
            echo.Erase(lead);
        }

        return true;
    }

    /// <summary>Finds out how far the tab had moved the cursor: from the columns since the tab before it, or since the line's start.</summary>
    private void EraseTab(in Termios modes)
    {
        var columns = 0u;
        var isAfterTab = false;
        for (var index = input.EditCount - 1; index >= 0; index--)
        {
            var character = input.EditByte(index);
            if (character == (byte)'\t')
            {
                isAfterTab = true;
                break;
            }

            if (OutputProcessor.IsControl(character))
            {
                columns += modes.Has(LocalModes.ECHOCTL) ? 2u : 0;
            }
            else if (!output.IsContinuation(character))
            {
                columns++;
            }
        }

        echo.EraseTab(columns, isAfterTab);
    }

    private void FinishIfEmpty(in Termios modes)
    {
        if (input.EditCount == 0 && modes.Has(LocalModes.ECHO))
        {
            echo.FinishErasing();
        }
    }
}
