using System.Globalization;
using System.Text;
using Causerie.Text.Templates.Values;

namespace Causerie.Text.Templates.Library;

/// <summary>HTML escaping, which texts marked safe call for when they are combined.</summary>
internal static class Markup
{
    public static string Escape(StringValue value) => value.IsMarkup ? value.Text : Escape(value.Text);

    public static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>'\"") < 0)
            return text;
        return text
            .Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal);
    }

    /// <summary>Undoes <see cref="Escape(string)"/> and numbered characters.</summary>
    public static string Unescape(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] == '&' ? text.IndexOf(';', i, Math.Min(12, text.Length - i)) : -1;
            string? character = end > i ? Character(text[(i + 1)..end]) : null;
            if (character is null)
                plain.Append(text[i]);
            else
            {
                plain.Append(character);
                i = end;
            }
        }

        return plain.ToString();
    }

    private static string? Character(string entity)
    {
        bool hex = entity.StartsWith("#x", StringComparison.OrdinalIgnoreCase);
        if (entity.StartsWith('#'))
            return int.TryParse(
                entity.AsSpan(hex ? 2 : 1),
                hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
                CultureInfo.InvariantCulture,
                out int rune) && Rune.IsValid(rune) ? new Rune(rune).ToString() : null;
        return entity switch
        {
            "amp" => "&",
            "lt" => "<",
            "gt" => ">",
            "quot" => "\"",
            "apos" => "'",
            "nbsp" => "\u00a0",
            _ => null,
        };
    }
}
