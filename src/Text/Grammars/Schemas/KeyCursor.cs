using System.Text;
using Causerie.Text.Grammars.Json;

namespace Causerie.Text.Grammars.Schemas;

/// <summary>A key that is being written, and which keys of its object it can still become.</summary>
/// <param name="Frame">The object.</param>
/// <param name="Text">The key so far.</param>
/// <param name="Decoder">Where the bytes stand between two code points.</param>
/// <param name="Others">The keys that no rule names; null where it is none of them.</param>
internal sealed record KeyCursor(ObjectFrame Frame, string Text, TextDecoder Decoder, TextCursor? Others)
{
    public static KeyCursor Begin(ObjectFrame frame) => new(
        frame, "", TextDecoder.Between, frame.OnlyRequired || frame.Shape.Others.Count == 0 ? null : TextCursor.Begin(frame.Shape.Others));

    /// <summary>Takes a byte.</summary>
    /// <param name="next">The byte.</param>
    /// <param name="closed">Whether it was the closing quote and <see cref="Text"/> may be a key.</param>
    public KeyCursor? Step(byte next, out bool closed)
    {
        closed = false;
        switch (Decoder.Step(next, out var decoder, out int low, out int high))
        {
            case TextDecoder.Result.Closed:
                closed = !Frame.Has(Text) && (Frame.Shape.Numbers.ContainsKey(Text) ? Frame.CanName(Text) : Others is { CanEnd: true });
                return null;
            case TextDecoder.Result.Point:
                string text = Text + char.ConvertFromUtf32(low);
                var others = Others?.Step(next, out _);
                return others is null && !CanBecome(text, 0, 0x10FFFF) && !(Frame.Shape.Numbers.ContainsKey(text) && Frame.CanName(text))
                    ? null : new KeyCursor(Frame, text, decoder, others);
            case TextDecoder.Result.Inside:
                others = Others?.Step(next, out _);
                return others is null && !CanBecome(Text, low, high) ? null : this with { Decoder = decoder, Others = others };
            default:
                return null;
        }
    }

    /// <summary>Whether a named key that may come begins with a text and goes on with a code point of a range.</summary>
    private bool CanBecome(string text, int low, int high)
    {
        string[] names = Frame.Shape.Names;
        int at = Array.BinarySearch(names, text, StringComparer.Ordinal);
        for (int i = at < 0 ? ~at : at; i < names.Length && names[i].StartsWith(text, StringComparison.Ordinal); i++)
        {
            if (names[i].Length > text.Length && Rune.TryGetRuneAt(names[i], text.Length, out var rune)
                && rune.Value >= low && rune.Value <= high && Frame.CanName(names[i]))
                return true;
        }
        return false;
    }
}
