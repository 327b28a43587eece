using Causerie.Chat;
using Causerie.Gateway.Routing;
using Causerie.Tests;

namespace Causerie.Gateway.Tests.Routing;

public sealed class RouterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_request_goes_to_the_model_that_it_names()
    {
        var a = new ScriptedModel("a", "from a");
        var b = new ScriptedModel("b", "from b");
        var router = new Router();
        router.Add(a);
        router.Add(b);

        Assert.Equal(["a", "b"], router.Models.Select(card => card.Id));
        Assert.Equal("from b", await Ask(router, "b"));
        Assert.Empty(a.Requests);
        Assert.Single(b.Requests);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_that_there_are()
    {
        var router = new Router();
        router.Add(new ScriptedModel("a"));
        router.Add(new ScriptedModel("b"));

        var refusal = Assert.Throws<ChatException>(() => router.StreamAsync(Request("c"), Token));

        Assert.Equal(ChatErrorKind.ModelNotFound, refusal.Kind);
        Assert.Equal("model", refusal.Field);
        Assert.Equal("The model 'c' does not exist. Models here: 'a', 'b'.", refusal.Message);
    }

    [Fact]
    public async Task Embeddings_come_from_the_model_that_is_named_where_it_gives_any()
    {
        var embedder = new ScriptedEmbedder("b");
        var router = new Router();
        router.Add(new ScriptedModel("a"));
        router.Add(embedder);
        var request = new EmbeddingRequest { Model = "b", Inputs = [EmbeddingInput.Of("text")] };

        Assert.Equal("b", (await router.EmbedAsync(request, Token)).Model);
        Assert.Same(request, Assert.Single(embedder.Requests));
        var cannot = await Assert.ThrowsAsync<ChatException>(async () => await router.EmbedAsync(request with { Model = "a" }, Token));
        Assert.Equal((ChatErrorKind.Unsupported, "model"), (cannot.Kind, cannot.Field));
        Assert.Contains("'a' gives no embeddings", cannot.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<ChatException>(async () => await router.EmbedAsync(request with { Model = "c" }, Token));
        Assert.Equal("The model 'c' does not exist. Models here: 'a', 'b'.", unknown.Message);
    }

    [Fact]
    public void Without_any_model_the_refusal_says_how_to_get_one()
    {
        var refusal = Assert.Throws<ChatException>(() => new Router().StreamAsync(Request("c"), Token));
        Assert.Contains("--model", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("causerie pull", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_cannot_have_one_name()
    {
        var router = new Router();
        router.Add(new ScriptedModel("a"));
        Assert.Throws<ArgumentException>(() => router.Add(new ScriptedModel("a")));
        Assert.Single(router.Models);
    }

    [Fact]
    public async Task A_model_that_is_taken_away_finishes_what_it_began()
    {
        var gate = new TaskCompletionSource();
        var model = new ScriptedModel("a", "one", "two") { BeforePiece = (_, _) => gate.Task };
        var router = new Router();
        router.Add(model);

        var answer = Ask(router, "a");
        await model.Began;
        Assert.True(router.Remove(model));
        Assert.False(router.Remove(model));
        gate.SetResult();

        Assert.Equal("onetwo", await answer);
        Assert.Empty(router.Models);
        Assert.Throws<ChatException>(() => router.StreamAsync(Request("a"), Token));
    }

    [Fact]
    public async Task Models_come_and_go_from_many_threads()
    {
        var router = new Router();
        await Parallel.ForAsync(0, 200, Token, (i, _) =>
        {
            var model = new ScriptedModel($"m{i}");
            router.Add(model);
            if (i % 2 == 0)
                router.Remove(model);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(100, router.Models.Count);
    }

    private static ChatRequest Request(string model) =>
        new() { Model = model, Messages = [new ChatMessage(ChatRole.User, "hello")] };

    private static async Task<string> Ask(Router router, string model)
    {
        string text = "";
        await foreach (var chatEvent in router.StreamAsync(Request(model), Token))
            text += (chatEvent as ChatText)?.Text;
        return text;
    }
}
