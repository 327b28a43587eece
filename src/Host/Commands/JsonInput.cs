using System.Text.Json;
using System.Text.Json.Nodes;

namespace Causerie.Host.Commands;

/// <summary>JSON on standard input, with an error that says what was expected.</summary>
internal static class JsonInput
{
    private const int Deepest = 512;

    private static readonly JsonDocumentOptions Options =
        new() { MaxDepth = Deepest, AllowDuplicateProperties = false };

    /// <summary>Reads one JSON value.</summary>
    /// <param name="terminal">Whose standard input to read.</param>
    /// <param name="expected">What it should be, for the error.</param>
    /// <param name="cancellationToken">Stops waiting for it.</param>
    /// <exception cref="CommandException">It is not JSON.</exception>
    public static async Task<JsonNode?> ReadAsync(
        Terminal terminal, string expected, CancellationToken cancellationToken)
    {
        byte[] bytes = await terminal.ReadBytesAsync(cancellationToken);
        var text = bytes.AsMemory(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        if (text.IsEmpty)
            throw CommandException.Usage($"Standard input is empty; it should be {expected}.");
        try
        {
            using var stream = new MemoryStream(text.ToArray());
            return JsonNode.Parse(stream, documentOptions: Options);
        }
        catch (JsonException e)
        {
            throw CommandException.Usage($"Standard input is not JSON ({e.Message}); it should be {expected}.");
        }
    }

    /// <summary>The elements of an array.</summary>
    /// <exception cref="CommandException">It is not an array.</exception>
    public static JsonArray Array(JsonNode? node, string expected) =>
        node as JsonArray ?? throw CommandException.Usage($"Standard input should be {expected}.");

    /// <summary>A JSON string's text; unpaired surrogates become U+FFFD.</summary>
    /// <exception cref="CommandException">It is not a string.</exception>
    public static string Text(JsonNode? node, string expected)
    {
        if (node?.GetValueKind() != JsonValueKind.String)
            throw CommandException.Usage($"Standard input should be {expected}.");
        try
        {
            return node.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            return Unescape(node.GetValue<JsonElement>().GetRawText());
        }
    }

    // System.Text.Json refuses \ud800 and its like without a partner; a tokenizer has an answer for them.
    private static string Unescape(string quoted)
    {
        var text = new System.Text.StringBuilder(quoted.Length);
        for (int i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\')
            {
                text.Append(quoted[i]);
                continue;
            }

            i++;
            if (quoted[i] == 'u')
            {
                text.Append((char)Convert.ToUInt16(quoted.Substring(i + 1, 4), 16));
                i += 4;
            }
            else
            {
                text.Append(quoted[i] switch
                {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'b' => '\b',
                    'f' => '\f',
                    var itself => itself,
                });
            }
        }

        return text.ToString();
    }
}
