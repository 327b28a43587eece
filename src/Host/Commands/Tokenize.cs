using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Causerie.Inference.Gguf;
using Causerie.Text.Tokenizers;

namespace Causerie.Host.Commands;

/// <summary><c>causerie tokenize</c>: text to token ids, as a model sees it.</summary>
internal sealed class Tokenize : TerminalCommand
{
    private readonly ModelArgument _model;

    private readonly Argument<string?> _text = new("TEXT")
    {
        Description = "The text; '-' or nothing reads standard input, to the byte",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _addSpecial = new("--add-special")
    {
        Description = "Add the tokens that the model wants around a text, such as BOS",
    };

    private readonly Option<bool> _parseSpecial = new("--parse-special")
    {
        Description = "Let control tokens that are typed as text, such as <|im_end|>, count as themselves",
    };

    private readonly Option<bool> _batch = new("--batch")
    {
        Description = "Read a JSON array of texts on standard input and print an array of id arrays",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the ids as one JSON array" };

    /// <summary>Declares the command.</summary>
    public Tokenize(Terminal terminal)
        : base(
            terminal,
            "tokenize",
            "Show the token ids of a text.\n\n"
            + "Only the vocabulary of the file is read, so that files without weights serve as well. Without the two "
            + "flags no special token is added, and control tokens typed as text stay text.")
    {
        _model = new ModelArgument(this);
        Add(_text);
        Add(_addSpecial);
        Add(_parseSpecial);
        Add(_batch);
        Add(_json);
        _model.AddDataOption(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<Example> Examples =>
    [
        new("causerie tokenize model.gguf \"Bonjour, le monde\"", "a table of ids and pieces"),
        new("causerie tokenize model.gguf - --json < letter.txt", "one JSON array of ids"),
        new("echo '[\"one\", \"two\"]' | causerie tokenize model.gguf --batch --json", "many texts, one start"),
    ];

    /// <summary>A token's spelling in quotes, with control characters made visible.</summary>
    internal static string Quote(string token) =>
        $"\"{JsonEncodedText.Encode(token, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        string? text = arguments.GetValue(_text);
        bool batch = arguments.GetValue(_batch);
        if (batch && text is not (null or "-"))
            throw CommandException.Usage("--batch reads its texts on standard input; leave TEXT out.");
        bool addSpecial = arguments.GetValue(_addSpecial);
        bool parseSpecial = arguments.GetValue(_parseSpecial);
        string path = _model.Resolve(arguments, Terminal);
        Tokenizer tokenizer;
        using (var file = GgufFile.Open(path))
            tokenizer = Tokenizer.Create(VocabularyReader.Read(file.Metadata));

        if (batch)
        {
            const string Expected = "a JSON array of texts";
            var texts = JsonInput.Array(await JsonInput.ReadAsync(Terminal, Expected, cancellationToken), Expected)
                .Select(node => JsonInput.Text(node, Expected)).ToArray();
            Terminal.WriteJson(json =>
            {
                json.WriteStartArray();
                foreach (string one in texts)
                    Write(json, tokenizer.Encode(one, addSpecial, parseSpecial));
                json.WriteEndArray();
            });
            return ExitCode.Ok;
        }

        if (text is null or "-")
            text = await Terminal.ReadTextAsync(cancellationToken);
        int[] ids = tokenizer.Encode(text, addSpecial, parseSpecial);
        if (arguments.GetValue(_json))
            Terminal.WriteJson(json => Write(json, ids));
        else
            Print(tokenizer, ids);
        return ExitCode.Ok;
    }

    private void Print(Tokenizer tokenizer, int[] ids)
    {
        var lines = new StringBuilder();
        foreach (int id in ids)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{id,8}  ");
            lines.Append(Quote(tokenizer.Vocabulary.Tokens[id])).Append('\n');
        }

        Terminal.Out.Write(lines);
        Terminal.Error.WriteLine(ids.Length == 1 ? "1 token" : $"{ids.Length} tokens");
    }

    private static void Write(Utf8JsonWriter json, int[] ids)
    {
        json.WriteStartArray();
        foreach (int id in ids)
            json.WriteNumberValue(id);
        json.WriteEndArray();
        if (json.BytesPending > 1 << 16)
            json.Flush();
    }
}
