using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Text.Grammars;

namespace Causerie.Text.Parsers.Calls;

/// <summary>One way of writing a call.</summary>
internal abstract record CallSyntax
{
    /// <summary>What calls begin with.</summary>
    public abstract ImmutableArray<string> Openers { get; }

    /// <summary>All words that stand around names and arguments: control tokens that are part of one are shown to the parser.</summary>
    public abstract IEnumerable<string> Markers { get; }

    /// <summary>What an enforced call begins with, and no other text may hold where calls are held to their schemas.</summary>
    public abstract string Lead { get; }

    /// <summary>Begins a call that can be told while it is written: it names a tool, and its arguments are an object of JSON.</summary>
    /// <remarks>What is begun stays a call, however it goes on. Where that is depends on the text alone, not on its pieces.</remarks>
    /// <param name="text">The answer from an opener on.</param>
    /// <param name="tools">What is known of the tools.</param>
    /// <param name="into">Gets the call without its arguments.</param>
    /// <param name="open">Reads on from there; null where none was begun.</param>
    /// <returns>Characters before the arguments; 0 where more must come first; −1 where it is read whole or is no call.</returns>
    public virtual int Begin(string text, ToolTypes tools, List<AnswerPiece> into, out OpenCall? open)
    {
        open = null;
        return -1;
    }

    /// <summary>Reads a call, or several that stand in one list.</summary>
    /// <param name="text">The answer from an opener on.</param>
    /// <param name="last">Whether nothing more comes.</param>
    /// <param name="tools">What is known of the tools.</param>
    /// <param name="into">Gets the calls.</param>
    /// <returns>Characters read; 0 where more must come first; −1 where it is no call.</returns>
    public abstract int Read(string text, bool last, ToolTypes tools, List<AnswerPiece> into);

    /// <summary>The texts of calls of these tools.</summary>
    /// <exception cref="GrammarException">They cannot be held to their schemas here.</exception>
    public abstract Grammar Grammar(ImmutableArray<ChatTool> tools, bool parallel, Func<string, byte[]> spell);
}
