namespace Causerie.Text.Tokenizers;

/// <summary>Which tokens go round a text and how spaces are treated: the file's word, or its kind's default.</summary>
internal sealed record VocabularyRules
{
    /// <summary>Beginning of text.</summary>
    public int? Bos { get; init; }

    /// <summary>End of text.</summary>
    public int? Eos { get; init; }

    /// <summary>Stands for what cannot be spelt.</summary>
    public int? Unknown { get; init; }

    /// <summary>Separator.</summary>
    public int? Separator { get; init; }

    /// <summary>Whether BOS goes in front.</summary>
    public bool AddBos { get; init; }

    /// <summary>Whether EOS goes behind.</summary>
    public bool AddEos { get; init; }

    /// <summary>Whether SEP goes behind.</summary>
    public bool AddSeparator { get; init; }

    /// <summary>Whether a space goes in front of text.</summary>
    public bool SpacePrefix { get; init; }

    /// <summary>Whether decoding takes out the spaces before punctuation and contractions.</summary>
    public bool CleanSpaces { get; init; }

    /// <summary>The file's id, or the kind's usual one where the file is silent and that token exists.</summary>
    public static int? IdOr(Vocabulary vocabulary, int? id, int usual) =>
        id is >= 0 ? id : usual < vocabulary.Tokens.Length ? usual : null;

    /// <summary>Checks the vocabulary against itself.</summary>
    /// <exception cref="FormatException">It contradicts itself; the message names the field.</exception>
    public void Check(Vocabulary vocabulary)
    {
        int count = vocabulary.Tokens.Length;
        if (count == 0)
            throw new FormatException("tokenizer.ggml.tokens is empty.");
        CheckLength("scores", vocabulary.Scores.Length);
        CheckLength("token_type", vocabulary.Kinds.Length);
        int notANumber = Array.FindIndex(vocabulary.Scores, float.IsNaN);
        if (notANumber >= 0)
            throw new FormatException($"tokenizer.ggml.scores[{notANumber}] is not a number.");
        CheckId("bos_token_id", Bos);
        CheckId("eos_token_id", Eos);
        CheckId("eot_token_id", vocabulary.Eot);
        CheckId("eom_token_id", vocabulary.Eom);
        CheckId("fim_pre_token_id", vocabulary.FillPrefix);
        CheckId("fim_suf_token_id", vocabulary.FillSuffix);
        CheckId("fim_mid_token_id", vocabulary.FillMiddle);
        CheckId("unknown_token_id", Unknown);
        CheckId("seperator_token_id", Separator);
        CheckAdded("bos", AddBos, Bos);
        CheckAdded("eos", AddEos, Eos);
        CheckAdded("sep", AddSeparator, Separator);

        void CheckLength(string field, int length)
        {
            if (length != 0 && length != count)
                throw new FormatException($"tokenizer.ggml.{field} has {length} values for {count} tokens.");
        }

        // −1 is how some converters write "none".
        void CheckId(string field, int? id)
        {
            if (id is { } value && (value < -1 || value >= count))
                throw new FormatException($"tokenizer.ggml.{field} is {value}; the vocabulary has {count} tokens.");
        }

        static void CheckAdded(string name, bool added, int? id)
        {
            if (added && id is null or < 0)
                throw new FormatException(
                    $"tokenizer.ggml.add_{name}_token asks for a token that the file does not name.");
        }
    }
}
