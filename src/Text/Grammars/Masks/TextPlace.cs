using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Masks;

/// <summary>A state inside a JSON string: what may stand in it, and what comes after its closing quote.</summary>
/// <param name="Cursor">The text.</param>
/// <param name="After">After the quote, whatever the text; null where nothing may follow.</param>
/// <param name="Special">Ends of the text after which something else comes: what is still to be written, without the quote.</param>
internal sealed record TextPlace(TextCursor Cursor, GrammarState? After, IReadOnlyList<(string Left, GrammarState? After)> Special)
{
    /// <summary>The state itself, where what follows the quote hangs on every byte before it; then the rest says nothing of that.</summary>
    public GrammarState? Walked { get; init; }

    /// <summary>A state whose tokens may come, too; null for none.</summary>
    public GrammarState? Also { get; init; }
}
