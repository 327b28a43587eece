namespace Causerie.Training.Exams;

/// <summary>Whether a short text is English or French, by the small words that each cannot do without.</summary>
public static class LanguageGuess
{
    private static readonly HashSet<string> English = new(StringComparer.Ordinal)
    {
        "the", "is", "are", "of", "and", "to", "it", "that", "this", "you", "your", "with", "for", "in", "not", "can", "there",
        "what", "does", "has", "have", "be", "as", "or", "from", "at", "by", "i", "am", "my", "which", "its", "they", "them",
        "one", "more", "will", "says", "yes", "than", "beyond", "load", "take", "type", "use",
    };

    private static readonly HashSet<string> French = new(StringComparer.Ordinal)
    {
        "le", "la", "les", "est", "sont", "du", "des", "et", "il", "elle", "que", "qui", "ce", "cela", "vous", "votre", "avec",
        "pour", "dans", "pas", "peut", "une", "un", "ou", "où", "au", "aux", "je", "suis", "mon", "ma", "mes", "sur", "par",
        "en", "son", "sa", "ses", "plus", "oui", "ne", "se", "à", "y", "dépasse", "chargez", "prenez", "tapez",
    };

    /// <summary>The language's code where one is plain to see, else null: code, numbers and names have none.</summary>
    public static string? Of(string text)
    {
        int english = 0, french = 0;
        foreach (string word in Words(WithoutCode(text)))
        {
            english += English.Contains(word) ? 1 : 0;
            french += French.Contains(word) ? 1 : 0;
        }
        return english > french + 1 || (english > 0 && french == 0) ? "en"
            : french > english + 1 || (french > 0 && english == 0) ? "fr"
            : null;
    }

    /// <summary>The words of a text in small letters.</summary>
    internal static IEnumerable<string> Words(string text) => text.ToLowerInvariant()
        .Split([.. " \t\n.,;:!?()[]{}\"'’«»`/|*=<>-"], StringSplitOptions.RemoveEmptyEntries);

    private static string WithoutCode(string text)
    {
        string[] parts = text.Split('`');
        return string.Join(' ', parts.Where((_, i) => i % 2 == 0));
    }
}
