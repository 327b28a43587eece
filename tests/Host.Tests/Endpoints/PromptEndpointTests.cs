using System.Net;
using System.Text;
using System.Text.Json;
using Causerie.Host.Serving;
using Causerie.Host.Tests.Serving;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Endpoints;

/// <summary>What a model would read can be asked beforehand: as many tokens as it then reads, and the same ones.</summary>
public sealed class PromptEndpointTests
{
    private const string Count = "/v1/responses/input_tokens";
    private const string Weather = """{"type":"function","name":"weather","description":"Tells the weather.","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"model":"m","input":"Hello there"}""")]
    [InlineData("""{"input":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Yes?"},{"role":"user","content":"é😀"}],"instructions":"Be brief."}""")]
    [InlineData("""{"model":"m","input":"Hello","tools":[""" + Weather + """],"tool_choice":"auto","parallel_tool_calls":false}""")]
    [InlineData("""{"model":"m","input":"Hello","tools":[""" + Weather + """],"tool_choice":"none"}""")]
    [InlineData("""{"model":"m","input":"Hello","reasoning":{"effort":"low"},"text":{"format":{"type":"text"}},"truncation":"disabled"}""")]
    public async Task As_many_are_counted_as_are_read(string body)
    {
        await using var server = await LocalServer.StartAsync();
        int counted = await CountAsync(server, body);
        var response = await PostAsync(server, "/v1/responses", body[..^1] + ""","max_output_tokens":1}""");
        Assert.Equal(response.GetProperty("usage").GetProperty("input_tokens").GetInt32(), counted);
    }

    [Fact]
    public async Task History_counts()
    {
        await using var server = await LocalServer.StartAsync();
        int alone = await CountAsync(server, """{"input":"And now?"}""");
        var first = await PostAsync(server, "/v1/responses", """{"input":"Hello","max_output_tokens":3}""");
        string go = $$"""{"input":"And now?","previous_response_id":"{{first.GetProperty("id").GetString()}}"}""";
        int counted = await CountAsync(server, go);
        Assert.True(counted > alone + first.GetProperty("usage").GetProperty("input_tokens").GetInt32() / 2);
        var second = await PostAsync(server, "/v1/responses", go[..^1] + ""","max_output_tokens":1}""");
        Assert.Equal(counted, second.GetProperty("usage").GetProperty("input_tokens").GetInt32());

        var conversation = await PostAsync(server, "/v1/conversations", """{"items":[{"type":"message","role":"user","content":"My name is Anna."}]}""");
        string id = conversation.GetProperty("id").GetString()!;
        int held = await CountAsync(server, $$"""{"conversation":"{{id}}"}""");
        int more = await CountAsync(server, $$"""{"conversation":{"id":"{{id}}"},"input":"And now?"}""");
        Assert.True(0 < held && held < more && alone < more);
    }

    [Fact]
    public async Task What_does_not_fit_is_counted_whole_unless_its_oldest_turns_may_go()
    {
        await using var server = await LocalServer.StartAsync(load: new LoadOptions { ContextLength = 256 });
        string words = new('x', 300);
        string body = $$"""{"input":[{"role":"user","content":"{{words}}"},{"role":"assistant","content":"No."},{"role":"user","content":"Why?"}],"max_output_tokens":2""";
        Assert.True(await CountAsync(server, body + "}") > 300);
        var refused = await server.Http.PostAsync(body + "}", "/v1/responses");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var error = await TestServer.ErrorAsync(refused);
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Contains("256", error.Message, StringComparison.Ordinal);

        string auto = body + ",\"truncation\":\"auto\"}";
        int counted = await CountAsync(server, auto);
        Assert.Equal(await CountAsync(server, """{"input":"Why?"}"""), counted);
        var response = await PostAsync(server, "/v1/responses", auto);
        Assert.Equal((counted, "auto"), (response.GetProperty("usage").GetProperty("input_tokens").GetInt32(), response.GetProperty("truncation").GetString()));
    }

    [Theory]
    [InlineData(Count, "{", null, "invalid_json")]
    [InlineData(Count, "{}", "input", "missing_required_parameter")]
    [InlineData(Count, """{"input":[]}""", "input", "empty_array")]
    [InlineData(Count, """{"input":"a","personality":"friendly"}""", "personality", "unsupported_parameter")]
    [InlineData(Count, """{"input":"a","truncation":"middle"}""", "truncation", "invalid_value")]
    [InlineData(Count, """{"input":"a","more":1}""", "more", "unknown_parameter")]
    [InlineData(Count, """{"input":"a","model":"n"}""", "model", "model_not_found")]
    [InlineData("/tokenize", "[]", null, "invalid_json")]
    [InlineData("/tokenize", "{}", "content", "missing_required_parameter")]
    [InlineData("/tokenize", """{"content":"a","prompt":"b"}""", "content", "invalid_value")]
    [InlineData("/tokenize", """{"content":7}""", "content", "invalid_type")]
    [InlineData("/tokenize", """{"content":"a","add_special":1}""", "add_special", "invalid_type")]
    [InlineData("/tokenize", """{"content":"a","tools":[{"type":"function","function":{"name":"f"}}]}""", "tools", "invalid_value")]
    [InlineData("/tokenize", """{"messages":[{"role":"user","content":"a"}],"add_special":true}""", "add_special", "invalid_value")]
    [InlineData("/tokenize", """{"messages":[]}""", "messages", "empty_array")]
    [InlineData("/tokenize", """{"content":"a","n":1}""", "n", "unknown_parameter")]
    [InlineData("/detokenize", "{}", "tokens", "missing_required_parameter")]
    [InlineData("/detokenize", """{"tokens":"1"}""", "tokens", "invalid_type")]
    [InlineData("/detokenize", """{"tokens":[1,"2"]}""", "tokens[1]", "invalid_type")]
    [InlineData("/detokenize", """{"tokens":[1,-2]}""", "tokens[1]", "integer_below_min_value")]
    [InlineData("/detokenize", """{"tokens":[1,99999]}""", "tokens[1]", "invalid_value")]
    [InlineData("/apply-template", "{}", "messages", "missing_required_parameter")]
    [InlineData("/apply-template", """{"messages":[{"role":"user","content":"a"}],"no_such":1}""", "no_such", "unknown_parameter")]
    public async Task What_is_malformed_is_refused_by_name(string path, string body, string? param, string code)
    {
        await using var server = await LocalServer.StartAsync();
        var response = await server.Http.PostAsync(body, path);
        Assert.Equal(code == "model_not_found" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest, response.StatusCode);
        var error = await TestServer.ErrorAsync(response);
        Assert.Equal((param, code), (error.Param, error.Code));
    }

    [Fact]
    public async Task Tokens_are_those_of_the_vocabulary_and_their_text_is_the_text()
    {
        await using var server = await LocalServer.StartAsync();
        const string Text = "the 😀<|im_end|>";
        foreach (string root in (string[])["", "/v1"])
        {
            int[] tokens = Ids(await PostAsync(server, root + "/tokenize", JsonSerializer.Serialize(new { content = Text })));
            Assert.Equal(TinyModel.TurnEnd, tokens[^1]); // as llama.cpp's server reads it
            var text = await PostAsync(server, root + "/detokenize", JsonSerializer.Serialize(new { tokens, model = "m" }));
            Assert.Equal((Text, Text), (text.GetProperty("content").GetString(), text.GetProperty("prompt").GetString()));
        }

        int[] spelt = Ids(await PostAsync(server, "/tokenize", JsonSerializer.Serialize(new { content = Text, parse_special = false })));
        Assert.DoesNotContain(TinyModel.TurnEnd, spelt);
        int[] added = Ids(await PostAsync(server, "/tokenize", """{"content":"a","add_special":true}"""));
        Assert.Equal(TinyModel.Bos, added[0]);
        Assert.Equal(added[1..], Ids(await PostAsync(server, "/tokenize", """{"content":"a"}""")));
        Assert.Empty(Ids(await PostAsync(server, "/tokenize", """{"content":""}""")));
        Assert.Equal("", (await PostAsync(server, "/detokenize", """{"tokens":[]}""")).GetProperty("content").GetString());
    }

    [Fact]
    public async Task It_answers_as_the_servers_whose_paths_these_are()
    {
        await using var server = await LocalServer.StartAsync();
        // llama.cpp: {id, piece}, and bytes where a token is part of a character.
        var pieces = (await PostAsync(server, "/tokenize", """{"content":"ié","with_pieces":true}""")).GetProperty("tokens");
        Assert.Equal("i", pieces[0].GetProperty("piece").GetString());
        byte[] bytes = [.. pieces.EnumerateArray().Skip(1).SelectMany(piece => piece.GetProperty("piece").EnumerateArray()).Select(one => one.GetByte())];
        Assert.Equal("é", Encoding.UTF8.GetString(bytes));

        // vLLM: special tokens unless it is said otherwise, a count, the context and spellings.
        var counted = await PostAsync(server, "/tokenize", """{"model":"m","prompt":"a","return_token_strs":true}""");
        Assert.Equal((2, TinyModel.Context), (counted.GetProperty("count").GetInt32(), counted.GetProperty("max_model_len").GetInt32()));
        Assert.Equal(["<s>", "a"], counted.GetProperty("token_strs").EnumerateArray().Select(one => one.GetString()));
        Assert.Single(Ids(await PostAsync(server, "/tokenize", """{"model":"m","prompt":"a","add_special_tokens":false}""")));
    }

    [Fact]
    public async Task A_prompt_is_shown_as_the_model_reads_it()
    {
        await using var server = await LocalServer.StartAsync();
        const string Body = """{"model":"m","messages":[{"role":"system","content":"S"},{"role":"user","content":"U"}]}""";
        string prompt = (await PostAsync(server, "/apply-template", Body)).GetProperty("prompt").GetString()!;
        Assert.Equal("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n", prompt);
        int[] chat = Ids(await PostAsync(server, "/v1/tokenize", Body));
        Assert.Equal(chat, Ids(await PostAsync(server, "/tokenize", JsonSerializer.Serialize(new { content = prompt, add_special = true }))));
        var answer = await PostAsync(server, "/v1/chat/completions", Body[..^1] + ""","max_tokens":1}""");
        Assert.Equal(chat.Length, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());

        string offered = (await PostAsync(server, "/v1/apply-template", Body[..^1] + ""","tools":[{"type":"function","function":{"name":"weather"}}]}"""))
            .GetProperty("prompt").GetString()!;
        Assert.Contains("weather", offered, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Texts_and_bodies_have_a_limit()
    {
        await using var server = await LocalServer.StartAsync();
        var response = await server.Http.PostAsync(JsonSerializer.Serialize(new { content = new string('a', (1 << 20) + 1) }), "/tokenize");
        Assert.Equal("string_above_max_length", (await TestServer.ErrorAsync(response)).Code);
        response = await server.Http.PostAsync("{\"tokens\":[" + string.Join(',', Enumerable.Repeat('1', (1 << 20) + 1)) + "]}", "/detokenize");
        Assert.Equal("array_above_max_length", (await TestServer.ErrorAsync(response)).Code);
        response = await server.Http.PostAsync("""{"content":"a"}""", "/tokenize", "text/plain");
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported_content_type"), (response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
        await using var small = await LocalServer.StartAsync(options: new ServerOptions { MaxRequestBytes = 100 });
        response = await small.Http.PostAsync(JsonSerializer.Serialize(new { content = new string('a', 200) }), "/tokenize");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "request_too_large"), (response.StatusCode, (await TestServer.ErrorAsync(response)).Code));
    }

    [Theory]
    [InlineData(Count, """{"input":"a"}""")]
    [InlineData("/tokenize", """{"content":"a"}""")]
    [InlineData("/detokenize", """{"tokens":[1]}""")]
    [InlineData("/apply-template", """{"messages":[{"role":"user","content":"a"}]}""")]
    public async Task Of_a_model_elsewhere_the_tokens_are_not_known(string path, string body)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var error = await TestServer.ErrorAsync(await server.PostAsync(body, path));
        Assert.Equal(("model", "unsupported_parameter"), (error.Param, error.Code));
    }

    [Theory]
    [InlineData("/v1/moderations", "moderation_not_configured")]
    [InlineData("/moderations", "moderation_not_configured")]
    [InlineData("/v1/responses/compact", "compaction_not_supported")]
    public async Task What_nothing_stands_behind_says_so(string path, string code)
    {
        await using var server = await TestServer.StartAsync(new ScriptedModel("m", "x"));
        var response = await server.PostAsync("""{"input":"I want to hug them."}""", path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(code, (await TestServer.ErrorAsync(response)).Code);
    }

    [Fact]
    public async Task They_need_the_key()
    {
        await using var server = await LocalServer.StartAsync(options: new ServerOptions { ApiKeys = ["k"] });
        foreach (string path in (string[])[Count, "/tokenize", "/v1/detokenize", "/apply-template", "/v1/moderations"])
            Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.PostAsync("{}", path)).StatusCode);
    }

    private static async Task<int> CountAsync(LocalServer server, string body)
    {
        var counted = await PostAsync(server, Count, body);
        Assert.Equal("response.input_tokens", counted.GetProperty("object").GetString());
        return counted.GetProperty("input_tokens").GetInt32();
    }

    private static async Task<JsonElement> PostAsync(LocalServer server, string path, string body)
    {
        var response = await server.Http.PostAsync(body, path);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return await TestServer.JsonAsync(response);
    }

    private static int[] Ids(JsonElement answer) => [.. answer.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32())];
}
