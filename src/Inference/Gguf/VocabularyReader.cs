using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Gguf;

/// <summary>Reads a model's vocabulary from its metadata (<c>tokenizer.ggml.*</c>) and checks that it is whole.</summary>
public static class VocabularyReader
{
    private const string Prefix = "tokenizer.ggml.";

    /// <summary>The vocabulary.</summary>
    /// <exception cref="GgufException">A key is absent, of another type, of another length or out of range.</exception>
    public static Vocabulary Read(GgufMetadata metadata)
    {
        var tokens = metadata.Require<TextList>(Prefix + "tokens");
        if (tokens.Length == 0)
            throw metadata.Fault(Prefix + "tokens", "the vocabulary is empty.");
        return new Vocabulary
        {
            Model = metadata.Require<string>(Prefix + "model"),
            PreTokenizer = Text(metadata, "pre"),
            Tokens = tokens,
            Scores = Scores(metadata, tokens.Length),
            Kinds = Kinds(metadata, tokens.Length),
            Merges = metadata.GetOr<TextList>(Prefix + "merges", []),
            NormalizationMap = metadata.GetOr<byte[]>(Prefix + "precompiled_charsmap", []),
            Bos = Id(metadata, "bos_token_id", tokens.Length),
            Eos = Id(metadata, "eos_token_id", tokens.Length),
            Eot = Id(metadata, "eot_token_id", tokens.Length),
            Eom = Id(metadata, "eom_token_id", tokens.Length),
            Unknown = Id(metadata, "unknown_token_id", tokens.Length),
            // Files of before the key was spelt rightly carry the other spelling.
            Separator = Id(metadata, "seperator_token_id", tokens.Length) ??
                Id(metadata, "separator_token_id", tokens.Length),
            Padding = PaddingId(metadata, tokens.Length),
            Classification = Id(metadata, "cls_token_id", tokens.Length),
            Mask = Id(metadata, "mask_token_id", tokens.Length),
            // The second names are those of before "fim".
            FillPrefix = Id(metadata, "fim_pre_token_id", tokens.Length) ?? Id(metadata, "prefix_token_id", tokens.Length),
            FillSuffix = Id(metadata, "fim_suf_token_id", tokens.Length) ?? Id(metadata, "suffix_token_id", tokens.Length),
            FillMiddle = Id(metadata, "fim_mid_token_id", tokens.Length) ?? Id(metadata, "middle_token_id", tokens.Length),
            AddBos = Flag(metadata, "add_bos_token"),
            AddEos = Flag(metadata, "add_eos_token"),
            AddSeparator = Flag(metadata, "add_sep_token"),
            AddSpacePrefix = Flag(metadata, "add_space_prefix"),
            RemoveExtraWhitespace = Flag(metadata, "remove_extra_whitespaces"),
            Lowercase = Flag(metadata, "normalizer.lowercase"),
            StripAccents = Flag(metadata, "normalizer.strip_accents"),
            ModelName = metadata.TryGet<string>("general.name", out var name) ? name : null,
            Architecture = metadata.TryGet<string>("general.architecture", out var architecture) ? architecture : null,
        };
    }

    private static float[] Scores(GgufMetadata metadata, int count)
    {
        const string Key = Prefix + "scores";
        float[] scores = metadata.GetOr<float[]>(Key, []);
        CheckLength(metadata, Key, scores.Length, count);
        int bad = Array.FindIndex(scores, score => !float.IsFinite(score));
        return bad < 0 ? scores : throw metadata.Fault(Key, $"the score of token {bad} is {scores[bad]}.");
    }

    private static TokenKind[] Kinds(GgufMetadata metadata, int count)
    {
        const string Key = Prefix + "token_type";
        int[] kinds = metadata.GetOr<int[]>(Key, []);
        CheckLength(metadata, Key, kinds.Length, count);
        var known = new TokenKind[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
            known[i] = (uint)kinds[i] <= (uint)TokenKind.Byte
                ? (TokenKind)kinds[i]
                : throw metadata.Fault(Key, $"the kind of token {i} is {kinds[i]}; kinds go from 0 to 6.");
        return known;
    }

    private static void CheckLength(GgufMetadata metadata, string key, int length, int count)
    {
        if (length != 0 && length != count)
            throw metadata.Fault(key, $"has {length} values for {count} tokens.");
    }

    private static int? Id(GgufMetadata metadata, string name, int count)
    {
        if (!metadata.TryGet(Prefix + name, out long id))
            return null;
        // −1 is how some converters write "none", as a signed or an unsigned number.
        if (id is -1 or uint.MaxValue)
            return null;
        return id >= 0 && id < count
            ? (int)id
            : throw metadata.Fault(Prefix + name, $"{id} is no token; the vocabulary has {count}.");
    }

    // Fine-tunes of Llama 2 say 32000 where ids end at 31999. Padding fills training batches and plays no part here.
    private static int? PaddingId(GgufMetadata metadata, int count) =>
        metadata.TryGet(Prefix + "padding_token_id", out long id) && id >= 0 && id < count ? (int)id : null;

    private static bool? Flag(GgufMetadata metadata, string name) =>
        metadata.TryGet(Prefix + name, out bool value) ? value : null;

    private static string? Text(GgufMetadata metadata, string name) =>
        metadata.TryGet<string>(Prefix + name, out var value) ? value : null;
}
