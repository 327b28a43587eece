using System.Text.RegularExpressions;

namespace Causerie.Host.Models;

/// <summary>A model on a hub as a person names it: <c>owner/repo</c>, and after a colon which of its files.</summary>
/// <param name="Owner">Who published it.</param>
/// <param name="Repository">The repository under that owner.</param>
/// <param name="Choice">A quantisation such as <c>Q4_K_M</c> or a file's path; null takes the usual one.</param>
public sealed partial record HubName(string Owner, string Repository, string? Choice)
{
    private static readonly string[] Prefixes =
        ["https://huggingface.co/", "http://huggingface.co/", "huggingface.co/", "https://hf.co/", "hf.co/"];

    /// <summary><c>owner/repo</c>.</summary>
    public string Id => $"{Owner}/{Repository}";

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is not one; the message shows how one looks.</exception>
    public static HubName Parse(string text)
    {
        string name = text.Trim();
        foreach (string prefix in Prefixes)
        {
            if (name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                name = name[prefix.Length..];
                break;
            }
        }

        string[] choice = name.Split(':', 2);
        string[] parts = choice[0].Split('/');
        bool valid = parts.Length == 2 && parts.All(part => Segment().IsMatch(part) && !part.Contains(".."))
            && (choice.Length == 1 || choice[1].Length > 0);
        if (!valid)
        {
            throw new FormatException(
                $"'{text}' is not a model's name. One looks like owner/repository or owner/repository:Q4_K_M, "
                + "for example bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M.");
        }

        return new HubName(parts[0], parts[1], choice.Length == 2 ? choice[1] : null);
    }

    /// <inheritdoc/>
    public override string ToString() => Choice is null ? Id : $"{Id}:{Choice}";

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}\z")]
    private static partial Regex Segment();
}
