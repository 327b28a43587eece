using Causerie.Text.Tokenizers;

namespace Causerie.Text.Tests.Tokenizers;

/// <summary>What vocabularies may say, and what is refused because it contradicts itself.</summary>
public sealed class VocabularyTests
{
    private static readonly Vocabulary BytePair = ToyVocabulary.BytePair(["a b", "ab c"], "<|im_end|>");
    private static readonly Vocabulary Pieces = ToyVocabulary.SentencePiece("a", "b", "ab");
    private static readonly Vocabulary Unigram = ToyVocabulary.Unigram(("▁", -1), ("a", -2), ("▁a", -2.5f));
    private static readonly Vocabulary WordPiece = ToyVocabulary.WordPiece("▁un", "able");

    public static TheoryData<string, Vocabulary> Malformed => new()
    {
        { "tokenizer.ggml.tokens", BytePair with { Tokens = [], Kinds = [] } },
        { "tokenizer.ggml.token_type", BytePair with { Kinds = [TokenKind.Normal] } },
        { "tokenizer.ggml.scores", Pieces with { Scores = [1, 2, 3] } },
        { "tokenizer.ggml.scores[5]", Pieces with { Scores = With(Pieces.Scores, 5, float.NaN) } },
        { "tokenizer.ggml.scores", Unigram with { Scores = [] } },
        { "tokenizer.ggml.bos_token_id", Pieces with { Bos = Pieces.Tokens.Length } },
        { "tokenizer.ggml.eos_token_id", BytePair with { Eos = int.MaxValue } },
        { "tokenizer.ggml.eot_token_id", BytePair with { Eot = -2 } },
        { "tokenizer.ggml.eom_token_id", BytePair with { Eom = 4000 } },
        { "tokenizer.ggml.fim_suf_token_id", BytePair with { FillSuffix = 4000 } },
        { "tokenizer.ggml.unknown_token_id", Pieces with { Unknown = 4000 } },
        { "tokenizer.ggml.unknown_token_id", new() { Model = "t5", Tokens = ["a", "b"], Scores = [0, 0] } },
        { "tokenizer.ggml.seperator_token_id", WordPiece with { Separator = 4000 } },
        { "tokenizer.ggml.add_bos_token", BytePair with { AddBos = true } },
        { "tokenizer.ggml.add_bos_token", BytePair with { PreTokenizer = "llama3" } },
        { "tokenizer.ggml.add_eos_token", BytePair with { AddEos = true, Eos = -1 } },
        { "tokenizer.ggml.merges[1]", BytePair with { Merges = ["a b", "abc"] } },
        { "tokenizer.ggml.merges[0]", BytePair with { Merges = ["a "] } },
        { "tokenizer.ggml.merges[0]", BytePair with { Merges = [""] } },
        { "tokenizer.ggml.merges", BytePair with { Merges = [] } },
        { "tokenizer.ggml.tokens", BytePair with { Tokens = ["a", "b", "ab"], Kinds = [] } },
        { "tokenizer.ggml.tokens[3]", Pieces with { Tokens = With([.. Pieces.Tokens], 3, "<0xZZ>") } },
        { "tokenizer.ggml.precompiled_charsmap", Unigram with { NormalizationMap = [1] } },
        { "tokenizer.ggml.precompiled_charsmap", Unigram with { NormalizationMap = [200, 0, 0, 0, 1, 2, 3, 4] } },
        { "tokenizer.ggml.precompiled_charsmap", Unigram with { NormalizationMap = [255, 255, 255, 255, 1, 2, 3, 4] } },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_contradiction_is_refused_by_the_fields_name(string field, Vocabulary vocabulary)
    {
        var refused = Assert.Throws<FormatException>(() => Tokenizer.Create(vocabulary));
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_normalisation_table_that_leads_outside_itself_is_refused_when_it_does()
    {
        // One unit, whose children lie beyond the end.
        var tokenizer = Tokenizer.Create(Unigram with { NormalizationMap = [4, 0, 0, 0, 0, 4, 1, 0, 0] });
        var refused = Assert.Throws<FormatException>(() => tokenizer.Encode("a"));
        Assert.Contains("precompiled_charsmap", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_kinds_are_refused_with_those_known()
    {
        var kind = Assert.Throws<NotSupportedException>(() => Tokenizer.Create(BytePair with { Model = "rwkv" }));
        Assert.Equal(
            "tokenizer.ggml.model 'rwkv' is not supported. Known: bert, gemma4, gpt2, llama, t5, whitespace.", kind.Message);
        var pre = Assert.Throws<NotSupportedException>(() => Tokenizer.Create(BytePair with { PreTokenizer = "mine" }));
        Assert.Contains("tokenizer.ggml.pre 'mine'", pre.Message, StringComparison.Ordinal);
        Assert.Contains("llama-bpe", pre.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Merges_may_pass_through_pieces_that_are_no_tokens()
    {
        // "bc" is no token: "abc" is still reached through it, and alone it is spelt in bytes.
        var tokenizer = Tokenizer.Create(BytePair with { Merges = ["b c", "a bc"] });
        Assert.Equal([257], tokenizer.Encode("abc"));
        Assert.Equal(['b', 'c'], tokenizer.Encode("bc"));
        // A piece with a character that stands for no byte is one that no text comes to.
        Assert.Equal([256], Tokenizer.Create(BytePair with { Merges = ["日 本", "a b"] }).Encode("ab"));
    }

    [Fact]
    public void The_better_rank_goes_first_and_the_leftmost_of_equals()
    {
        var tokenizer = Tokenizer.Create(ToyVocabulary.BytePair(["b c", "a b", "a a"]));
        Assert.Equal(['a', 256], tokenizer.Encode("abc"));
        Assert.Equal([258, 'a'], tokenizer.Encode("aaa"));
        // The same through the heap that long words take.
        Assert.Equal([.. Enumerable.Repeat(258, 1000), 'a'], tokenizer.Encode(new string('a', 2001)));
    }

    [Fact]
    public void Typed_control_tokens_are_text_unless_asked_for()
    {
        var tokenizer = Tokenizer.Create(BytePair);
        int end = BytePair.Tokens.Length - 1;
        Assert.Equal([.. "<|im_end|>".Select(letter => (int)letter)], tokenizer.Encode("<|im_end|>"));
        Assert.Equal([256, end, 256], tokenizer.Encode("ab<|im_end|>ab", parseSpecial: true));
    }

    [Fact]
    public void Merging_never_makes_a_control_token()
    {
        var vocabulary = ToyVocabulary.SentencePiece("<", "s", ">", "<s", "▁");
        var tokenizer = Tokenizer.Create(vocabulary with { AddSpacePrefix = false });
        Assert.Equal([262, 261], tokenizer.Encode("<s>"));
        Assert.Equal([1], tokenizer.Encode("<s>", parseSpecial: true));
    }

    [Fact]
    public void Longer_spellings_go_first_over_the_whole_text()
    {
        var kinds = BytePair.Kinds.Concat(Enumerable.Repeat(TokenKind.UserDefined, 2)).ToArray();
        var tokenizer = Tokenizer.Create(BytePair with { Tokens = [.. BytePair.Tokens, "XY", "YZZ"], Kinds = kinds });
        int first = BytePair.Tokens.Length;
        Assert.Equal(['X', first + 1, first], tokenizer.Encode("XYZZXY"));
    }

    [Fact]
    public void Phi_3_swallows_the_white_space_behind_its_marks()
    {
        var vocabulary = BytePair with { ModelName = "Phi-3 mini" };
        int end = BytePair.Tokens.Length - 1;
        Assert.Equal([end, 'x'], Tokenizer.Create(vocabulary).Encode("<|im_end|>\n \tx", parseSpecial: true));
        Assert.Equal([end, '\n', 'x'], Tokenizer.Create(BytePair).Encode("<|im_end|>\nx", parseSpecial: true));
    }

    [Fact]
    public void The_file_decides_what_goes_round_a_text()
    {
        Assert.Equal([1, 259], Tokenizer.Create(Pieces with { AddSpacePrefix = false }).Encode("a", addSpecial: true));
        Assert.Equal([259, 2], Tokenizer.Create(Pieces with { AddSpacePrefix = false, AddBos = false, AddEos = true })
            .Encode("a", addSpecial: true));
        Assert.Equal([4, 1], Tokenizer.Create(Unigram).Encode("a", addSpecial: true));
        Assert.Equal([1, 3, 4, 2], Tokenizer.Create(WordPiece).Encode("Unable", addSpecial: true));
        Assert.Equal([0, 0], Tokenizer.Create(WordPiece).Encode("unfit ünabl€"));
    }

    [Fact]
    public void An_answer_ends_with_the_named_tokens_and_the_well_known_texts()
    {
        var plain = Tokenizer.Create(BytePair with { Eos = 5, Eot = 6, Eom = 7 });
        Assert.Equal([5, 6, 7, BytePair.Tokens.Length - 1],
            Enumerable.Range(0, BytePair.Tokens.Length).Where(plain.IsEndOfGeneration));
        Assert.False(plain.IsEndOfGeneration(-1));

        string[] harmony = ["<|return|>", "<|call|>", "<|end|>", "<|message|>", "<|endoftext|>"];
        var ends = Tokenizer.Create(ToyVocabulary.BytePair([], harmony));
        Assert.Equal(["<|return|>", "<|call|>", "<|endoftext|>"],
            harmony.Where((_, i) => ends.IsEndOfGeneration(256 + i)));
        // Elsewhere "end" ends an answer.
        Assert.True(Tokenizer.Create(ToyVocabulary.BytePair([], "<|end|>")).IsEndOfGeneration(256));
    }

    private static T[] With<T>(T[] values, int at, T value)
    {
        T[] changed = [.. values];
        changed[at] = value;
        return changed;
    }
}
