using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Causerie.Training.Corpus;

namespace Causerie.Training.Exams;

/// <summary>Marks answers by rule. Empty, generic, endless and echoing answers fail.</summary>
/// <param name="declines">Phrases by which each language says that a question is beyond the model.</param>
public sealed partial class Marker(IReadOnlyDictionary<string, IReadOnlyList<string>> declines)
{
    private const int RunWords = 6;
    private const int MostRuns = 2;
    private const int SubjectLetters = 5;
    private const int EchoWords = 3;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Marks an answer.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The answer's text.</param>
    /// <param name="ended">Whether it ended by itself.</param>
    public Mark Judge(ExamQuestion question, string answer, bool ended)
    {
        string text = Plain(answer);
        bool declined = declines.TryGetValue(question.Language, out var phrases) && phrases.Any(phrase => Has(text, phrase));
        string? never = question.Never.FirstOrDefault(word => Has(text, word));
        var mark = new Mark(true, "")
        {
            Declined = declined,
            WrongLanguage = LanguageGuess.Of(answer) is { } language && language != question.Language,
            InventedFact = question.Kind == ExamKind.Beyond
                && (never is not null || (!declined && SpeaksOf(question.Question, text))),
        };
        string reason = text.Trim().Length == 0 ? "it is empty"
            : !ended ? "it does not end"
            : Repeats(text) ? "it repeats itself"
            : Echoes(question.Question, text) ? "it only repeats the question"
            : mark.WrongLanguage ? "it is in the other language"
            : never is not null ? $"it says '{never}'"
            : Reason(question, answer, text, declined);
        return reason.Length == 0 ? mark : mark with { Passed = false, Reason = reason };
    }

    /// <summary>The call that an answer is, or null.</summary>
    public static ToolCall? CallIn(string answer)
    {
        var match = CallPattern().Match(answer);
        if (!match.Success)
            return null;
        try
        {
            var json = JsonNode.Parse(match.Groups[1].Value, documentOptions: Strict);
            return (string?)json?["name"] is { } name && json["arguments"] is JsonObject arguments
                ? new ToolCall(name, arguments.ToJsonString()) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Reason(ExamQuestion question, string answer, string text, bool declined)
    {
        if (question.Kind == ExamKind.Beyond && !declined)
            return "it does not decline";
        if (question.Call is { } call)
            return CallIn(answer) is not { } made ? "it calls no tool" : Compare(call, made);
        if (CallIn(answer) is not null)
            return "it calls a tool";
        if (question.Json is { } json)
            return SameJson(json, answer) ? "" : "it is not the JSON that was asked for";
        foreach (var need in question.Needs)
        {
            if (!need.Any(word => Has(text, word)))
                return $"it does not say '{string.Join("' or '", need)}'";
        }
        return "";
    }

    private static string Compare(ToolCall wanted, ToolCall made)
    {
        if (wanted.Name != made.Name)
            return $"it calls '{made.Name}'";
        var (right, given) = (JsonNode.Parse(wanted.ArgumentsJson)!.AsObject(), JsonNode.Parse(made.ArgumentsJson)!.AsObject());
        if (right.Count != given.Count)
            return "it gives other arguments";
        foreach (var (name, value) in right)
        {
            bool same = name == "expression"
                ? SameValue(value?.ToString() ?? "", given[name]?.ToString() ?? "")
                : JsonNode.DeepEquals(value, given[name]);
            if (!same)
                return $"'{given[name]}' is not '{value}'";
        }
        return "";
    }

    private static bool SameValue(string a, string b)
    {
        try
        {
            return Arithmetic.Value(a) == Arithmetic.Value(b);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool SameJson(string wanted, string answer)
    {
        string text = answer.Trim();
        if (text.StartsWith("```", StringComparison.Ordinal) && text.EndsWith("```", StringComparison.Ordinal))
            text = text[(text.IndexOf('\n', StringComparison.Ordinal) + 1)..^3];
        try
        {
            return JsonNode.DeepEquals(JsonNode.Parse(wanted), JsonNode.Parse(text, documentOptions: Strict));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a word of the question that carries its subject comes back.</summary>
    private static bool SpeaksOf(string question, string answer)
    {
        var said = LanguageGuess.Words(answer).ToHashSet(StringComparer.Ordinal);
        return LanguageGuess.Words(Plain(question)).Any(word => word.Length >= SubjectLetters && said.Contains(word));
    }

    /// <summary>Whether an answer is its question again; a greeting may come back.</summary>
    private static bool Echoes(string question, string answer)
    {
        string[] words = [.. LanguageGuess.Words(Plain(question))];
        return words.Length >= EchoWords && LanguageGuess.Words(answer).SequenceEqual(words);
    }

    private static bool Repeats(string text)
    {
        string[] words = [.. LanguageGuess.Words(text)];
        var runs = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i + RunWords <= words.Length; i++)
        {
            string run = string.Join(' ', words[i..(i + RunWords)]);
            if ((runs[run] = runs.GetValueOrDefault(run) + 1) > MostRuns)
                return true;
        }
        return false;
    }

    /// <summary>Whether a word stands in a text by itself: 7 does not stand in 17.</summary>
    private static bool Has(string text, string word)
    {
        string wanted = Plain(word);
        for (int at = text.IndexOf(wanted, StringComparison.Ordinal); at >= 0;
            at = text.IndexOf(wanted, at + 1, StringComparison.Ordinal))
        {
            int end = at + wanted.Length;
            if ((at == 0 || !char.IsLetterOrDigit(wanted[0]) || !char.IsLetterOrDigit(text[at - 1]))
                && (end == text.Length || !char.IsLetterOrDigit(wanted[^1]) || !char.IsLetterOrDigit(text[end])))
                return true;
        }
        return false;
    }

    /// <summary>Small letters, plain apostrophes and spaces, and no marks between thousands.</summary>
    private static string Plain(string text) => Thousands().Replace(
        text.ToLowerInvariant().Normalize(NormalizationForm.FormC).Replace('’', '\'').Replace('\u00A0', ' ').Replace('\u202F', ' '),
        "");

    [GeneratedRegex(@"(?<=\d)[ ,](?=\d{3}(\D|$))")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"<tool_call>\s*(\{.*\})\s*</tool_call>", RegexOptions.Singleline)]
    private static partial Regex CallPattern();
}
