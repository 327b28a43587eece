using Causerie.Inference.Gguf;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference.Tests.Gguf;

public sealed class VocabularyReaderTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Every_field_is_read()
    {
        var vocabulary = Read(
            ("model", "llama"), ("pre", "default"), ("tokens", new[] { "a", "b", "c", "d" }),
            ("scores", new[] { 0f, -1, -2, -3 }), ("token_type", new[] { 1, 3, 4, 6 }), ("merges", new[] { "a b" }),
            ("precompiled_charsmap", new byte[] { 1, 255 }), ("bos_token_id", 0u), ("eos_token_id", 1u),
            ("eot_token_id", 2u), ("eom_token_id", 3u), ("unknown_token_id", 0u), ("seperator_token_id", 1u),
            ("padding_token_id", uint.MaxValue), ("cls_token_id", 2u), ("mask_token_id", -1), ("add_bos_token", true),
            ("add_eos_token", false), ("add_sep_token", true), ("add_space_prefix", false),
            ("remove_extra_whitespaces", true));
        Assert.Equal("llama", vocabulary.Model);
        Assert.Equal("default", vocabulary.PreTokenizer);
        Assert.Equal([0f, -1, -2, -3], vocabulary.Scores);
        Assert.Equal([TokenKind.Normal, TokenKind.Control, TokenKind.UserDefined, TokenKind.Byte], vocabulary.Kinds);
        Assert.Equal(["a b"], vocabulary.Merges);
        Assert.Equal([1, 255], vocabulary.NormalizationMap);
        Assert.Equal((0, 1, 2, 3), (vocabulary.Bos, vocabulary.Eos, vocabulary.Eot, vocabulary.Eom));
        Assert.Equal((0, 1, 2), (vocabulary.Unknown, vocabulary.Separator, vocabulary.Classification));
        Assert.Null(vocabulary.Padding);
        Assert.Null(vocabulary.Mask);
        Assert.Equal((true, false, true), (vocabulary.AddBos, vocabulary.AddEos, vocabulary.AddSeparator));
        Assert.Equal((false, true), (vocabulary.AddSpacePrefix, vocabulary.RemoveExtraWhitespace));
    }

    [Fact]
    public void A_padding_id_beyond_the_vocabulary_is_as_good_as_none() =>
        Assert.Null(Read(("model", "llama"), ("tokens", new[] { "a", "b" }), ("padding_token_id", 2u)).Padding);

    public static TheoryData<string, string, object> Bad() => new()
    {
        { "tokens", "is empty", Array.Empty<string>() },
        { "tokens", "array of Int32", new[] { 1 } },
        { "model", "Int32 where String", 1 },
        { "scores", "has 1 values for 2 tokens", new[] { 1f } },
        { "scores", "token 1 is NaN", new[] { 1f, float.NaN } },
        { "token_type", "has 3 values for 2 tokens", new[] { 1, 1, 1 } },
        { "token_type", "token 1 is 7", new[] { 1, 7 } },
        { "token_type", "token 0 is -1", new[] { -1, 1 } },
        { "bos_token_id", "2 is no token; the vocabulary has 2", 2u },
        { "eos_token_id", "-2 is no token", -2 },
        { "add_bos_token", "UInt32 where Boolean", 1u },
        { "merges", "Float32 where String[]", 1f },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_contradicts_itself_is_refused_by_key(string key, string message, object value)
    {
        var fields = new Dictionary<string, object> { ["model"] = "gpt2", ["tokens"] = new[] { "a", "b" }, [key] = value };
        var error = Assert.Throws<GgufException>(() => Read([.. fields.Select(field => (field.Key, field.Value))]));
        Assert.Equal("tokenizer.ggml." + key, error.Field);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vocabulary_without_tokens_or_model_is_refused()
    {
        Assert.Equal("tokenizer.ggml.tokens", Assert.Throws<GgufException>(() => Read(("model", "gpt2"))).Field);
        Assert.Equal(
            "tokenizer.ggml.model", Assert.Throws<GgufException>(() => Read(("tokens", new[] { "a" }))).Field);
    }

    private Vocabulary Read(params (string Key, object Value)[] fields)
    {
        var writer = new GgufWriter();
        foreach (var (key, value) in fields)
            writer.Add("tokenizer.ggml." + key, value);
        using (var stream = File.Create(_path))
            writer.WriteTo(stream);
        using var file = GgufFile.Open(_path);
        return VocabularyReader.Read(file.Metadata);
    }
}
