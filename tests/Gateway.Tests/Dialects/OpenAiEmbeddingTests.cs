using System.Buffers;
using System.Text;
using System.Text.Json;
using Causerie.Chat;
using Causerie.Gateway.Dialects;

namespace Causerie.Gateway.Tests.Dialects;

/// <summary>Requests for embeddings are understood or refused with field and code; vectors are written exactly.</summary>
public sealed class OpenAiEmbeddingTests
{
    private static readonly OpenAiEmbeddings OpenAi = new();

    private static readonly DialectContext Context = new(
        DateTimeOffset.UnixEpoch, [new ModelCard("one", DateTimeOffset.UnixEpoch, "causerie")]);

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("[\"a\",\"b\"]", "a|b")]
    [InlineData("[5,0,7]", "5 0 7")]
    [InlineData("[[5],[0,7]]", "5|0 7")]
    public void The_four_kinds_of_input(string input, string expected)
    {
        var call = Read($$"""{"model":"m","input":{{input}},"user":"someone","dimensions":2,"encoding_format":null}""");
        Assert.Equal(expected, string.Join('|', call.Request.Inputs.Select(one => one.Text ?? string.Join(' ', one.Tokens))));
        Assert.Equal(("m", 2), (call.Request.Model, call.Request.Dimensions));
    }

    [Fact]
    public void Without_a_name_the_only_model_is_meant() => Assert.Equal("one", Read("""{"input":"x"}""").Request.Model);

    [Theory]
    [InlineData(1, 1, "encoder0", "chat0")]
    [InlineData(2, 1, "encoder0", null)]
    [InlineData(1, 2, null, "chat0")]
    [InlineData(2, 0, null, null)]
    public void Without_a_name_vectors_and_answers_mean_the_only_model_of_their_kind(int chats, int encoders, string? toEmbed, string? toChat)
    {
        ModelCard[] models =
        [
            .. Enumerable.Range(0, chats).Select(i => new ModelCard($"chat{i}", DateTimeOffset.UnixEpoch, "causerie")),
            .. Enumerable.Range(0, encoders).Select(i => new ModelCard($"encoder{i}", DateTimeOffset.UnixEpoch, "causerie") { Chats = false }),
        ];
        var context = new DialectContext(DateTimeOffset.UnixEpoch, models);
        Assert.Equal(toEmbed, Named(() => OpenAi.Read("""{"input":"x"}"""u8.ToArray(), context).Request.Model));
        Assert.Equal(toChat, Named(() => new OpenAiChat().Read("""{"messages":[{"role":"user","content":"x"}]}"""u8.ToArray(), context).Request.Model));

        static string? Named(Func<string> read)
        {
            try
            {
                return read();
            }
            catch (RejectedException refused)
            {
                Assert.Equal(("model", "missing_required_parameter"), (refused.Error.Param, refused.Error.Code));
                return null;
            }
        }
    }

    [Fact]
    public void As_many_inputs_as_the_API_allows() =>
        Assert.Equal(2048, Read(Body(string.Join(',', Enumerable.Repeat("\"a\"", 2048)))).Request.Inputs.Length);

    [Theory]
    [InlineData("{", null, "invalid_json")]
    [InlineData("[]", null, "invalid_json")]
    [InlineData("""{"model":"m"}""", "input", "missing_required_parameter")]
    [InlineData("""{"input":null}""", "input", "missing_required_parameter")]
    [InlineData("""{"input":"a","input":"b"}""", "input", "duplicate_parameter")]
    [InlineData("""{"input":""}""", "input", "empty_string")]
    [InlineData("""{"input":["a",""]}""", "input[1]", "empty_string")]
    [InlineData("""{"input":[]}""", "input", "empty_array")]
    [InlineData("""{"input":[[]]}""", "input[0]", "empty_array")]
    [InlineData("""{"input":[[1],[]]}""", "input[1]", "empty_array")]
    [InlineData("""{"input":7}""", "input", "invalid_type")]
    [InlineData("""{"input":{}}""", "input", "invalid_type")]
    [InlineData("""{"input":true}""", "input", "invalid_type")]
    [InlineData("""{"input":[null]}""", "input[0]", "invalid_type")]
    [InlineData("""{"input":["a",7]}""", "input[1]", "invalid_type")]
    [InlineData("""{"input":[7,"a"]}""", "input[1]", "invalid_type")]
    [InlineData("""{"input":[[7],"a"]}""", "input[1]", "invalid_type")]
    [InlineData("""{"input":[[7],["a"]]}""", "input[1][0]", "invalid_type")]
    [InlineData("""{"input":[7,1.5]}""", "input[1]", "invalid_type")]
    [InlineData("""{"input":[-1]}""", "input[0]", "integer_below_min_value")]
    [InlineData("""{"input":[2147483648]}""", "input[0]", "integer_above_max_value")]
    [InlineData("""{"input":"a","model":7}""", "model", "invalid_type")]
    [InlineData("""{"input":"a","dimensions":0}""", "dimensions", "integer_below_min_value")]
    [InlineData("""{"input":"a","dimensions":"2"}""", "dimensions", "invalid_type")]
    [InlineData("""{"input":"a","dimensions":2.0}""", "dimensions", "invalid_type")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", "encoding_format", "invalid_value")]
    [InlineData("""{"input":"a","encoding_format":7}""", "encoding_format", "invalid_type")]
    [InlineData("""{"input":"a","user":7}""", "user", "invalid_type")]
    [InlineData("""{"input":"a","truncate":true}""", "truncate", "unknown_parameter")]
    [InlineData("""{"input":"a","prompt":null}""", "prompt", "unknown_parameter")]
    public void What_is_wrong_is_named(string body, string? param, string code)
    {
        var error = Refusal(body);
        Assert.Equal((400, param, code), (error.Status, error.Param, error.Code));
    }

    [Fact]
    public void More_inputs_than_the_API_allows()
    {
        foreach (string one in (string[])["\"a\"", "[1]"])
        {
            var error = Refusal(Body(string.Join(',', Enumerable.Repeat(one, 2049))));
            Assert.Equal(("input", "array_above_max_length"), (error.Param, error.Code));
            Assert.Contains("2048", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void With_several_models_one_must_be_named()
    {
        var both = Context with { Models = [.. Context.Models, new ModelCard("two", DateTimeOffset.UnixEpoch, "causerie")] };
        var error = Assert.Throws<RejectedException>(() => OpenAi.Read("""{"input":"a"}"""u8.ToArray(), both)).Error;
        Assert.Equal(("model", "missing_required_parameter"), (error.Param, error.Code));
    }

    [Fact]
    public void Numbers_and_base64_hold_the_same_bits()
    {
        ReadOnlyMemory<float>[] vectors = [new[] { 1f / 3, -0f, 1e-38f }, new[] { 0.1f, float.Epsilon, -1f }];
        var answer = new EmbeddingAnswer("m", [.. vectors], 5);
        var numbers = Write("""{"input":["a","b"]}""", answer);
        var packed = Write("""{"input":["a","b"],"encoding_format":"base64"}""", answer);
        foreach (var body in new[] { numbers, packed })
        {
            Assert.Equal(("list", "m"), (body.GetProperty("object").GetString(), body.GetProperty("model").GetString()));
            Assert.Equal("""{"prompt_tokens":5,"total_tokens":5}""", body.GetProperty("usage").GetRawText());
            Assert.Equal([0, 1], body.GetProperty("data").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()));
        }

        for (int i = 0; i < vectors.Length; i++)
        {
            Assert.Equal(
                Bits(vectors[i].ToArray()),
                Bits([.. numbers.GetProperty("data")[i].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())]));
            byte[] bytes = packed.GetProperty("data")[i].GetProperty("embedding").GetBytesFromBase64();
            Assert.Equal(
                Bits(vectors[i].ToArray()),
                Enumerable.Range(0, bytes.Length / 4).Select(n => BitConverter.ToInt32(bytes, 4 * n)));
        }
    }

    private static IEnumerable<int> Bits(float[] values) => values.Select(BitConverter.SingleToInt32Bits);

    private static string Body(string items) => $$"""{"input":[{{items}}]}""";

    private static EmbeddingCall Read(string body) => OpenAi.Read(Encoding.UTF8.GetBytes(body), Context);

    private static DialectError Refusal(string body) => Assert.Throws<RejectedException>(() => Read(body)).Error;

    private static JsonElement Write(string body, EmbeddingAnswer answer)
    {
        var output = new ArrayBufferWriter<byte>();
        Read(body).Write(answer, output);
        return JsonDocument.Parse(output.WrittenMemory).RootElement;
    }
}
