using System.Text;

namespace Causerie.Text.Templates.Values;

/// <summary>Text; <see cref="IsMarkup"/> where <c>safe</c> or <c>escape</c> marked it as HTML.</summary>
/// <remarks>Length and positions count code points, as Python's do, not UTF-16 units.</remarks>
internal sealed class StringValue(string text, bool isMarkup = false) : Value
{
    public static readonly StringValue Empty = new("");

    private static readonly StringValue[] Ascii = [.. Enumerable.Range(0, 128).Select(c => new StringValue(((char)c).ToString()))];

    private int? _length;

    public string Text { get; } = text;

    public bool IsMarkup { get; } = isMarkup;

    public override string TypeName => IsMarkup ? "Markup" : "str";

    public override bool IsTrue => Text.Length > 0;

    public override int? Length => _length ??= CodePoints(Text);

    public override IEnumerable<Value> Items => Characters();

    public static StringValue Of(char c) => c < 128 ? Ascii[c] : new StringValue(c.ToString());

    public StringValue With(string text) => new(text, IsMarkup);

    public static bool IsPlain(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    public static int CodePoints(ReadOnlySpan<char> text)
    {
        if (IsPlain(text))
            return text.Length;
        int count = 0;
        for (int i = 0; i < text.Length; i += Width(text, i))
            count++;
        return count;
    }

    /// <summary>UTF-16 units of the code point at <paramref name="index"/>.</summary>
    public static int Width(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    /// <summary>UTF-16 offset of the code point number <paramref name="position"/>.</summary>
    public static int Offset(ReadOnlySpan<char> text, int position)
    {
        if (IsPlain(text))
            return position;
        int offset = 0;
        for (int i = 0; i < position && offset < text.Length; i++)
            offset += Width(text, offset);
        return offset;
    }

    public static string Reverse(string text)
    {
        var reversed = new StringBuilder(text.Length);
        for (int i = text.Length; i > 0;)
        {
            int width = i > 1 && char.IsLowSurrogate(text[i - 1]) && char.IsHighSurrogate(text[i - 2]) ? 2 : 1;
            i -= width;
            reversed.Append(text, i, width);
        }

        return reversed.ToString();
    }

    private IEnumerable<Value> Characters()
    {
        for (int i = 0; i < Text.Length;)
        {
            int width = Width(Text, i);
            yield return width == 1 ? Of(Text[i]) : new StringValue(Text.Substring(i, width));
            i += width;
        }
    }
}
