using System.Text.Json;

namespace Causerie.Text.Grammars.Expressions;

/// <summary>Grammars that are lists of texts: a JSON array of strings, of which the answer is one.</summary>
internal sealed class ChoiceFormat : GrammarFormat
{
    private const int Most = 10_000;

    /// <inheritdoc/>
    public override string Name => "choice";

    /// <inheritdoc/>
    protected override Grammar Read(string source)
    {
        string?[]? texts;
        try
        {
            texts = JsonSerializer.Deserialize<string?[]>(source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new GrammarException("a choice is a JSON array of strings.", e);
        }
        if (texts is not { Length: > 0 and <= Most })
            throw new GrammarException($"a choice has 1 to {Most:N0} texts, not {texts?.Length ?? 0:N0}.");
        return texts.All(text => text is { Length: > 0 })
            ? new LanguageGrammar(Language.OfTexts(texts!))
            : throw new GrammarException("a text of a choice must not be empty.");
    }
}
