using System.Collections.Frozen;

namespace Causerie.Text.Tokenizers.Special;

/// <summary>Each token's traits and which end an answer, as the file says and well-known texts correct it.</summary>
internal sealed class TokenRoles
{
    private readonly TokenTraits[] _traits; // [tokens]
    private readonly int[] _ends; // a handful

    /// <summary>Works out the roles.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="eos">End of text, after the defaults of the kind.</param>
    public TokenRoles(Vocabulary vocabulary, int? eos)
    {
        _traits = new TokenTraits[vocabulary.Tokens.Length];
        for (int id = 0; id < _traits.Length; id++)
            _traits[id] = TraitsOf(vocabulary, id);
        var ends = new HashSet<int>();
        var byText = new Dictionary<string, int>(StringComparer.Ordinal);
        bool padding = false, repository = false, file = false;
        for (int id = 0; id < vocabulary.Tokens.Length; id++)
        {
            // No well-known text begins otherwise; a string is made of none but these few.
            var utf8 = vocabulary.Tokens.Utf8(id);
            if (utf8.Length < 3 || !(utf8[0] is (byte)'<' or (byte)'[' or (byte)'_' || utf8.StartsWith("▁<"u8)))
                continue;
            string text = vocabulary.Tokens[id];
            bool end = WellKnownTokens.EndsOfGeneration.Contains(text) ||
                First(WellKnownTokens.FillPadding, ref padding) ||
                First(WellKnownTokens.FillRepository, ref repository) ||
                First(WellKnownTokens.FillFile, ref file);
            if (!end && !WellKnownTokens.FillMarks.Contains(text))
                continue;
            _traits[id] |= TokenTraits.Control;
            if (!end)
                continue;
            ends.Add(id);
            byText[text] = id;

            bool First(FrozenSet<string> texts, ref bool found) => !found && (found = texts.Contains(text));
        }
        foreach (int? id in (ReadOnlySpan<int?>)[eos, vocabulary.Eot, vocabulary.Eom])
            if (id is { } end && (uint)end < (uint)_traits.Length)
                ends.Add(end);
        // Where an answer ends with "return" or "call", "end" only closes one of its messages.
        bool messages = byText.ContainsKey("<|return|>") && byText.ContainsKey("<|call|>");
        bool calls = byText.ContainsKey("<|flush|>") &&
            (byText.ContainsKey("<|calls|>") || byText.ContainsKey("<|call|>"));
        if ((messages || calls) && byText.TryGetValue("<|end|>", out int message))
            ends.Remove(message);
        // Gemma 4 carries the old mark as plain text.
        if (byText.ContainsKey("<|tool_response>") && byText.TryGetValue("</s>", out int old))
        {
            ends.Remove(old);
            _traits[old] = TokenTraits.Normal;
        }
        _ends = [.. ends];
        SetTrimming(vocabulary);
    }

    /// <summary>Traits of a token.</summary>
    public TokenTraits this[int id] => _traits[id];

    /// <summary>Whether the token ends an answer.</summary>
    public bool Ends(int id) => Array.IndexOf(_ends, id) >= 0;

    private static TokenTraits TraitsOf(Vocabulary vocabulary, int id) =>
        vocabulary.Kinds.Length == 0
            ? TokenTraits.Normal
            : vocabulary.Kinds[id] switch
            {
                TokenKind.Normal => TokenTraits.Normal,
                TokenKind.Unknown => TokenTraits.Unknown,
                TokenKind.Control => TokenTraits.Control,
                TokenKind.UserDefined => TokenTraits.UserDefined,
                TokenKind.Byte => TokenTraits.Byte,
                _ => TokenTraits.None,
            };

    // Files do not say which tokens swallow the white space beside them, so models' names must.
    private void SetTrimming(Vocabulary vocabulary)
    {
        string pre = vocabulary.PreTokenizer ?? "";
        string name = vocabulary.ModelName ?? "";
        if (pre.Contains("jina-v2-", StringComparison.Ordinal) ||
            vocabulary.Architecture is "nomic-bert-moe" or "jina-bert-v3")
            Mark("<mask>", TokenTraits.TrimsLeft);
        else if (name.Contains("phi-3", StringComparison.OrdinalIgnoreCase) ||
            name.Contains("phi3", StringComparison.OrdinalIgnoreCase))
        {
            for (int id = 0; id < _traits.Length; id++)
                if ((_traits[id] & (TokenTraits.Special | TokenTraits.UserDefined)) != 0 &&
                    vocabulary.Tokens[id] is not ("<unk>" or "<s>" or "<|endoftext|>"))
                    _traits[id] |= TokenTraits.TrimsRight;
        }
        else if (name.Contains("modern-bert", StringComparison.OrdinalIgnoreCase))
            Mark("[MASK]", TokenTraits.TrimsLeft);

        void Mark(string text, TokenTraits trait)
        {
            int id = vocabulary.Tokens.IndexOf(text);
            if (id >= 0)
                _traits[id] |= trait;
        }
    }
}
