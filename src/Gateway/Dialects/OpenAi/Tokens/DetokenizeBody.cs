using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Causerie.Gateway.Dialects.OpenAi.Tokens;

/// <summary>A request for the text of tokens, as llama.cpp's server and vLLM take it.</summary>
/// <param name="Model">The model whose tokens they are.</param>
/// <param name="Tokens">Their ids.</param>
public sealed record DetokenizeBody(string Model, ImmutableArray<int> Tokens)
{
    private const int MostTokens = 1 << 20;

    private static readonly FieldTable<Draft> Fields = new(
    [
        new("model", "honoured", "", (draft, field) => draft.Model = field.String()),
        new("tokens", "honoured", "", (draft, field) =>
            draft.Tokens = [.. field.Items(0, MostTokens).Select(id => id.Integer(0))]),
    ]);

    /// <summary>Reads a body.</summary>
    /// <exception cref="RejectedException">It is malformed, or holds too many tokens.</exception>
    public static DetokenizeBody Read(ReadOnlyMemory<byte> body, DialectContext context)
    {
        using var document = OpenAiBody.Parse(body);
        var draft = new Draft();
        Fields.Read(draft, document.RootElement);
        if (draft.Tokens.IsDefault)
            throw JsonField.Missing("tokens");
        return new DetokenizeBody(draft.Model ?? ChatDraft.TheOnlyModel(context), draft.Tokens);
    }

    /// <summary>Refuses ids that a vocabulary does not have.</summary>
    public void Check(int vocabularySize)
    {
        for (int i = 0; i < Tokens.Length; i++)
        {
            if (Tokens[i] >= vocabularySize)
            {
                throw new RejectedException(Errors.Invalid(
                    $"The token id {Tokens[i]} is not in the vocabulary of {vocabularySize} tokens.", $"tokens[{i}]", "invalid_value"));
            }
        }
    }

    /// <summary>Writes the answer: <c>content</c> is llama.cpp's name of the text, <c>prompt</c> that of vLLM.</summary>
    public static void Write(IBufferWriter<byte> output, string text)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteString("content", text);
        json.WriteString("prompt", text);
        json.WriteEndObject();
    }

    private sealed class Draft
    {
        public string? Model { get; set; }

        public ImmutableArray<int> Tokens { get; set; }
    }
}
