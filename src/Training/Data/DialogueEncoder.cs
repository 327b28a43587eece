using System.Text.Json.Nodes;
using Causerie.Text.Templates;
using Causerie.Text.Tokenizers;
using Causerie.Training.Corpus;
using Causerie.Training.Tokenizers;

namespace Causerie.Training.Data;

/// <summary>Turns dialogues into tokens by the chat template that the model will be served with.</summary>
/// <remarks>Only what the assistant says is learnt, with the token that ends its turn.</remarks>
/// <param name="template">The chat template.</param>
/// <param name="tokenizer">The vocabulary.</param>
/// <param name="tools">Definitions of tools by name.</param>
public sealed class DialogueEncoder(
    ChatTemplate template, Tokenizer tokenizer, IReadOnlyDictionary<string, JsonNode> tools)
{
    private readonly Dictionary<string, int> _marks = Enumerable.Range(0, tokenizer.Vocabulary.Tokens.Length)
        .Where(id => tokenizer.Vocabulary.Kinds[id] == TokenKind.Control)
        .ToDictionary(id => tokenizer.Vocabulary.Tokens[id], id => id, StringComparer.Ordinal);

    /// <summary>The tokens that are kept of an answer of which only the opening is learnt.</summary>
    public int OpeningTokens { get; init; } = int.MaxValue;

    /// <summary>Whether the last answer begins with the mark of its topic.</summary>
    /// <remarks>
    /// Answers before it have none, since nobody sends marks back, and those that should have had one are not learnt.
    /// </remarks>
    public bool Marks { get; init; }

    /// <summary>The tokens of a dialogue.</summary>
    /// <param name="dialogue">The dialogue.</param>
    /// <param name="longest">Exchanges that would make it longer than this are left out.</param>
    /// <exception cref="CorpusException">The first exchange alone is longer.</exception>
    public Document Encode(Dialogue dialogue, int longest)
    {
        var tokens = new List<int>();
        var learnt = new List<bool>();
        int kept = 0; // tokens up to the last whole exchange
        string written = "";
        for (int i = 0; i < dialogue.Messages.Count; i++)
        {
            if (dialogue.Messages[i].Role != DialogueRole.Assistant)
                continue;
            string prompt = Render(dialogue, i, generate: true);
            string whole = Render(dialogue, i + 1, generate: false);
            Add(prompt[written.Length..], learn: false);
            string? mark = Marks ? dialogue.Messages[i].Mark : null;
            bool last = i + 1 == dialogue.Messages.Count;
            if (mark is not null && last)
                AddIds([_marks[VocabularyBuilder.Mark(mark)]], learn: true);
            Add(whole[prompt.Length..].TrimEnd('\n'), learn: mark is null || last, dialogue.IsOpening ? OpeningTokens : int.MaxValue);
            if (tokens.Count > longest)
                break;
            bool open = i + 1 < dialogue.Messages.Count && dialogue.Messages[i + 1].Role == DialogueRole.Tool;
            if (!open)
                kept = tokens.Count;
            Add("\n", learn: false);
            written = whole;
        }
        if (kept == 0)
            throw new CorpusException($"{dialogue.Topic}: one exchange is longer than {longest} tokens.");
        return new Document([.. tokens[..kept]], [.. learnt[..kept]]);

        void Add(string text, bool learn, int most = int.MaxValue) => AddIds(tokenizer.Encode(text, parseSpecial: true).Take(most), learn);

        void AddIds(IEnumerable<int> ids, bool learn)
        {
            int before = tokens.Count;
            tokens.AddRange(ids);
            learnt.AddRange(Enumerable.Repeat(learn, tokens.Count - before));
        }
    }

    /// <summary>The prompt for the answer that comes after all messages.</summary>
    public string Prompt(Dialogue dialogue) => Render(dialogue, dialogue.Messages.Count, generate: true);

    private string Render(Dialogue dialogue, int count, bool generate)
    {
        var messages = new JsonArray();
        if (dialogue.System is { } system)
            messages.Add(new JsonObject { ["role"] = "system", ["content"] = system });
        foreach (var message in dialogue.Messages.Take(count))
            messages.Add(Json(message));
        var variables = new JsonObject
        {
            ["messages"] = messages,
            ["add_generation_prompt"] = generate,
        };
        if (dialogue.Tools.Count > 0)
            variables["tools"] = new JsonArray([.. dialogue.Tools.Select(name => tools[name].DeepClone())]);
        return template.Render(variables, DateTime.UnixEpoch);
    }

    private static JsonObject Json(DialogueMessage message)
    {
        var json = new JsonObject
        {
            ["role"] = message.Role switch
            {
                DialogueRole.System => "system",
                DialogueRole.User => "user",
                DialogueRole.Assistant => "assistant",
                _ => "tool",
            },
            ["content"] = message.Text,
        };
        if (message.Call is { } call)
        {
            json["tool_calls"] = new JsonArray(new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = call.Name,
                    ["arguments"] = JsonNode.Parse(call.ArgumentsJson),
                },
            });
        }
        return json;
    }
}
