using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Causerie.Host.Models;
using Causerie.Tests;
using OpenAI;
using OpenAI.Chat;

namespace Causerie.Conformance.OpenAi;

/// <summary>Tools and forms of answers by the official clients, with the model that ships: what is asked for is enforced.</summary>
public sealed class ToolLoopTests : IAsyncLifetime
{
    private static readonly OpenAI.Chat.ChatTool Calculator = OpenAI.Chat.ChatTool.CreateFunctionTool(
        "calculator", "Works out an arithmetic expression.", BinaryData.FromString(
            """{"type":"object","properties":{"expression":{"type":"string","description":"Such as (2 + 3) * 4"}},"required":["expression"]}"""));

    private static readonly OpenAI.Chat.ChatTool Weather = OpenAI.Chat.ChatTool.CreateFunctionTool(
        "get_weather", "Tells the weather.", BinaryData.FromString(
            """{"type":"object","properties":{"city":{"type":"string","maxLength":12},"unit":{"enum":["celsius","fahrenheit"]}},"required":["city","unit"],"additionalProperties":false}"""),
        functionSchemaIsStrict: true);

    private readonly GuideServer _guideServer = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private TestServer Server => _guideServer.Server;

    public ValueTask InitializeAsync() => _guideServer.StartAsync();

    public ValueTask DisposeAsync() => _guideServer.DisposeAsync();

    [Fact]
    public async Task A_calculator_that_is_offered_is_called_and_its_result_told()
    {
        var options = new ChatCompletionOptions { Temperature = 0, Tools = { Calculator } };
        List<OpenAI.Chat.ChatMessage> messages = [new UserChatMessage("What is 17 * 23?")];
        var asked = (await Chat().CompleteChatAsync(messages, options, Token)).Value;
        Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, asked.FinishReason);
        var call = Assert.Single(asked.ToolCalls);
        Assert.Equal("calculator", call.FunctionName);
        Assert.Equal("17 * 23", JsonDocument.Parse(call.FunctionArguments).RootElement.GetProperty("expression").GetString());
        messages.Add(new AssistantChatMessage(asked));
        messages.Add(new ToolChatMessage(call.Id, "391"));
        var told = (await Chat().CompleteChatAsync(messages, options, Token)).Value;
        Assert.Contains("391", told.Content[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_must_be_made_is_made_with_arguments_of_its_schema(bool named)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            var options = new ChatCompletionOptions
            {
                Temperature = 1.5f,
                Tools = { Weather },
                ToolChoice = named ? ChatToolChoice.CreateFunctionChoice("get_weather") : ChatToolChoice.CreateRequiredChoice(),
                AllowParallelToolCalls = false,
#pragma warning disable OPENAI001 // the seed is an experiment of the client's, not of the server's
                Seed = seed,
#pragma warning restore OPENAI001
            };
            var answer = (await Chat().CompleteChatAsync([new UserChatMessage("Who are you?")], options, Token)).Value;
            Assert.Equal(OpenAI.Chat.ChatFinishReason.ToolCalls, answer.FinishReason);
            var call = Assert.Single(answer.ToolCalls);
            Assert.Equal("get_weather", call.FunctionName);
            using var arguments = JsonDocument.Parse(call.FunctionArguments);
            Assert.Equal(["city", "unit"], arguments.RootElement.EnumerateObject().Select(member => member.Name).Order());
            Assert.Contains(arguments.RootElement.GetProperty("unit").GetString(), (string[])["celsius", "fahrenheit"]);
            Assert.True(arguments.RootElement.GetProperty("city").GetString()!.EnumerateRunes().Count() <= 12);
        }
    }

    [Fact]
    public async Task An_answer_that_is_held_to_a_schema_is_of_it_whatever_is_drawn()
    {
        const string schema =
            """{"type":"object","properties":{"name":{"type":"string","maxLength":16},"age":{"type":"integer","minimum":0,"maximum":150},"tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":3}},"required":["name","age","tags"],"additionalProperties":false}""";
        for (int seed = 0; seed < 12; seed++)
        {
            var options = new ChatCompletionOptions
            {
                Temperature = seed % 3,
                ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(schema), jsonSchemaIsStrict: true),
#pragma warning disable OPENAI001
                Seed = seed,
#pragma warning restore OPENAI001
            };
            var updates = await Chat().CompleteChatStreamingAsync([new UserChatMessage("Tell me something.")], options, Token).ToListAsync(Token);
            using var json = JsonDocument.Parse(string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)));
            Assert.InRange(json.RootElement.GetProperty("age").GetInt32(), 0, 150);
            Assert.True(json.RootElement.GetProperty("name").GetString()!.EnumerateRunes().Count() <= 16);
            Assert.All(json.RootElement.GetProperty("tags").EnumerateArray(), tag => Assert.Contains(tag.GetString(), (string[])["a", "b"]));
        }
    }

    [Fact]
    public async Task What_a_schema_asks_and_cannot_be_held_is_refused_before_the_first_token()
    {
        var failure = await Assert.ThrowsAsync<ClientResultException>(() => Chat().CompleteChatAsync(
            [new UserChatMessage("Hi")],
            new ChatCompletionOptions
            {
                ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(
                    "x", BinaryData.FromString("""{"type":"string","pattern":"(?=a)b"}""")),
            }, Token));
        Assert.Equal(400, failure.Status);
        Assert.Contains("look-around", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probabilities_add_up_and_go_with_the_text()
    {
        var options = new ChatCompletionOptions { Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 5 };
        var answer = (await Chat().CompleteChatAsync([new UserChatMessage("Quelle est la capitale de l'Italie ?")], options, Token)).Value;
        Assert.Equal(answer.Content[0].Text, string.Concat(answer.ContentTokenLogProbabilities.Select(token => token.Token)));
        Assert.All(answer.ContentTokenLogProbabilities, token =>
        {
            Assert.True(token.LogProbability <= 0);
            Assert.Equal(5, token.TopLogProbabilities.Count);
            Assert.Equal(token.Token, token.TopLogProbabilities[0].Token); // greedy takes the best
            Assert.True(token.TopLogProbabilities.Sum(top => Math.Exp(top.LogProbability)) <= 1.0001);
        });
    }

    [Fact]
    public async Task Several_answers_are_as_those_asked_one_by_one()
    {
        string Body(int n, int seed) => $$"""{"messages":[{"role":"user","content":"Tell me something."}],"temperature":1.3,"max_tokens":12,"n":{{n}},"seed":{{seed}}}""";
        var three = await TestServer.JsonAsync(await Server.PostAsync(Body(3, 40)));
        for (int i = 0; i < 3; i++)
        {
            var one = await TestServer.JsonAsync(await Server.PostAsync(Body(1, 40 + i)));
            Assert.Equal(
                one.GetProperty("choices")[0].GetProperty("message").GetRawText(),
                three.GetProperty("choices")[i].GetProperty("message").GetRawText());
        }
    }

    [Fact]
    public async Task The_client_for_JavaScript_parses_and_runs_tools()
    {
        var seen = await NpmClient.RunAsync(Server.Address, "tools");
        Assert.Equal("calculator", seen.GetProperty("called").GetString());
        Assert.Contains("391", seen.GetProperty("final").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Number, seen.GetProperty("parsed").GetProperty("age").ValueKind);
        Assert.Equal("calculator", seen.GetProperty("streamed").GetString());
        Assert.True(seen.GetProperty("pieces").GetInt32() >= 3 && seen.GetProperty("deltas").GetInt32() >= 3, seen.GetRawText());
        Assert.All((string[])["arguments", "item"], arguments => Assert.Equal(
            "17 * 23", JsonDocument.Parse(seen.GetProperty(arguments).GetString()!).RootElement.GetProperty("expression").GetString()));
    }

    [Theory]
    [InlineData("vercelChat")]
    [InlineData("vercelResponses")]
    [InlineData("langchain")]
    public async Task Libraries_on_top_of_the_API_work(string scenario)
    {
        var seen = await NpmClient.RunAsync(Server.Address, scenario, script: "ecosystem.mjs");
        Assert.Contains("Tokyo", seen.GetProperty("whole").GetString(), StringComparison.Ordinal);
        Assert.Equal(seen.GetProperty("whole").GetString(), seen.GetProperty("streamed").GetString());
        Assert.Equal("17 * 23", seen.GetProperty("called").GetString());
        Assert.InRange(seen.GetProperty("object").GetProperty("age").GetInt32(), 0, 120);
        Assert.True(seen.GetProperty("tokens").GetInt32() > 0);
    }

    private ChatClient Chat() => new OpenAIClient(
        new ApiKeyCredential("unused"),
        new OpenAIClientOptions { Endpoint = new Uri(Server.Address, "/v1"), RetryPolicy = new ClientRetryPolicy(0) })
        .GetChatClient(BuiltInModel.Id);
}
