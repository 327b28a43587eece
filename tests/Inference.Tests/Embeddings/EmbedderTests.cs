using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Inference.Embeddings;
using Causerie.Inference.Gguf;
using Causerie.Inference.Tests.Models;

namespace Causerie.Inference.Tests.Embeddings;

/// <summary>An embedder serves many callers with the same bits as each alone, and refuses by name what it cannot do.</summary>
public sealed class EmbedderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-embeddings-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("bert")]
    [InlineData("nomic-bert")]
    [InlineData("qwen3-mean")]
    [InlineData("qwen3-cls")]
    [InlineData("qwen3-last")]
    public async Task A_vector_has_the_same_bits_alone_in_company_in_chunks_and_on_any_threads(string name)
    {
        using var model = Load(Named(name));
        ImmutableArray<int[]> texts = [.. Enumerable.Range(0, 40).Select(Text)];
        float[][] expected;
        await using (var alone = new Embedder(model, new EngineOptions { Threads = 1 }))
        {
            expected = new float[texts.Length][];
            for (int i = 0; i < texts.Length; i++)
                expected[i] = (await alone.EmbedAsync([texts[i]], cancellationToken: Token))[0].ToArray();
        }

        Assert.Equal(texts.Length, expected.Select(vector => vector[0]).Distinct().Count());
        foreach (var (threads, chunk) in new[] { (1, 512), (2, 512), (2, 60), (2, 1), (3, 7) })
        {
            await using var embedder = new Embedder(model, new EngineOptions { Threads = threads, ChunkLength = chunk });
            var other = embedder.EmbedAsync([.. texts.Reverse()], cancellationToken: Token);
            var together = await embedder.EmbedAsync(texts, cancellationToken: Token);
            Assert.Equal(expected, together.Select(vector => vector.ToArray()));
            Assert.Equal(expected.Reverse(), (await other).Select(vector => vector.ToArray()));
            Assert.Equal(0, embedder.Pending);
        }
    }

    [Fact]
    public async Task Fewer_dimensions_are_the_first_ones_scaled_to_length_one()
    {
        using var model = Load(RandomModel.Bert());
        await using var embedder = new Embedder(model);
        int[] text = [1, 7, 60, 33];
        float[] whole = (await embedder.EmbedAsync([text], cancellationToken: Token))[0].ToArray();
        Assert.Equal(RandomModel.Width, whole.Length);
        float[] some = (await embedder.EmbedAsync([text], 5, Token))[0].ToArray();
        double length = Math.Sqrt(whole[..5].Sum(value => (double)value * value));
        Assert.Equal(whole[..5].Select(value => (float)(value / length)), some, (a, b) => Math.Abs(a - b) < 1e-6);
        foreach (int wrong in (int[])[0, -1, RandomModel.Width + 1])
        {
            var error = await Assert.ThrowsAsync<ChatException>(() => embedder.EmbedAsync([text], wrong, Token));
            Assert.Equal((ChatErrorKind.InvalidRequest, "dimensions"), (error.Kind, error.Field));
            Assert.Contains("32", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Texts_that_cannot_be_read_are_named()
    {
        using var model = Load(RandomModel.Bert(), context: 100);
        await using var embedder = new Embedder(model);
        int[] good = [1, 5];
        var tooLong = await Refused([good, new int[101]]);
        Assert.Equal((ChatErrorKind.ContextLengthExceeded, "input[1]"), (tooLong.Kind, tooLong.Field));
        Assert.Contains("101", tooLong.Message, StringComparison.Ordinal);
        Assert.Contains("100", tooLong.Message, StringComparison.Ordinal);
        Assert.Equal("input", (await Refused([[]])).Field);
        var stranger = await Refused([good, good, [1, RandomModel.Vocabulary]]);
        Assert.Equal((ChatErrorKind.InvalidRequest, "input[2]"), (stranger.Kind, stranger.Field));
        Assert.Equal("input", (await Refused([[-1]])).Field);
        Assert.Single(await embedder.EmbedAsync([new int[100]], cancellationToken: Token));

        Task<ChatException> Refused(ImmutableArray<int[]> texts) =>
            Assert.ThrowsAsync<ChatException>(() => embedder.EmbedAsync(texts, cancellationToken: Token));
    }

    [Theory]
    [InlineData(null, "names no pooling_type")]
    [InlineData(0u, "pooling_type 0")]
    [InlineData(4u, "ranks texts")]
    public async Task A_model_that_gives_no_vectors_says_why(uint? pooling, string why)
    {
        var made = pooling is { } kind ? RandomModel.PooledQwen3(kind) : RandomModel.Llama();
        await using var model = new LocalModel(Load(made));
        var request = new EmbeddingRequest { Model = "any", Inputs = [EmbeddingInput.Of([1, 2, 3])] };
        for (int i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<ChatException>(() => model.EmbedAsync(request, Token));
            Assert.Equal((ChatErrorKind.Unsupported, "model"), (error.Kind, error.Field));
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_decoder_with_pooling_writes_and_gives_vectors()
    {
        await using var model = new LocalModel(Load(RandomModel.PooledQwen3(3)));
        var request = new EmbeddingRequest { Model = "any", Inputs = [EmbeddingInput.Of([1, 2, 3]), EmbeddingInput.Of([1, 2])] };
        var answer = await model.EmbedAsync(request, Token);
        Assert.Equal((model.Model.Card.Id, 2, 5), (answer.Model, answer.Vectors.Length, answer.PromptTokens));
        var events = await model.CompleteAsync(new GenerationRequest([1, 2, 3]) { MaxTokens = 2 }, [], Token).ToListAsync(Token);
        Assert.IsType<ChatFinished>(events[^1]);
    }

    [Fact]
    public async Task An_encoder_does_not_write()
    {
        await using var encoder = new LocalEncoder(Load(RandomModel.Bert()));
        var request = new ChatRequest { Model = "any", Messages = [new ChatMessage(ChatRole.User, "Hi")] };
        Action[] attempts =
        [
            () => encoder.StreamAsync(request, Token),
            () => _ = new Engine(encoder.Model),
            () => encoder.Model.Logits([1, 2], (_, _) => { }),
        ];
        foreach (var attempt in attempts)
        {
            var error = Assert.Throws<ChatException>(attempt);
            Assert.Equal((ChatErrorKind.Unsupported, "model"), (error.Kind, error.Field));
            Assert.Contains("is an encoder", error.Message, StringComparison.Ordinal);
        }

        Assert.Empty(encoder.Model.Notes);
        using var llama = Load(RandomModel.Llama());
        Assert.Throws<DraftException>(() => new Engine(llama, null, null, encoder.Model));
    }

    [Fact]
    public async Task A_long_batch_lets_others_in_between_and_stops_when_its_caller_leaves()
    {
        using var model = Load(RandomModel.Bert(layers: 8));
        await using var embedder = new Embedder(model, new EngineOptions { Threads = 1, ChunkLength = 128 });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var many = embedder.EmbedAsync([.. Enumerable.Repeat(Text(100), 100_000)], null, leaving.Token);
        Assert.Single(await embedder.EmbedAsync([Text(3)], cancellationToken: Token));
        Assert.False(many.IsCompleted);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => many);
        for (var end = DateTime.UtcNow.AddSeconds(20); embedder.Pending > 0 && DateTime.UtcNow < end;)
            await Task.Delay(5, Token);
        Assert.Equal(0, embedder.Pending);
        Assert.Single(await embedder.EmbedAsync([Text(3)], cancellationToken: Token));
    }

    [Fact]
    public async Task More_than_may_wait_are_overloaded_and_those_in_hand_end_when_it_stops()
    {
        using var model = Load(RandomModel.Bert(layers: 8));
        var embedder = new Embedder(model, new EngineOptions { Threads = 1, ChunkLength = 128, MaxSequences = 1, QueueLength = 1 });
        ImmutableArray<int[]> many = [.. Enumerable.Repeat(Text(100), 100_000)];
        Task[] hand = [embedder.EmbedAsync(many, cancellationToken: Token), embedder.EmbedAsync(many, cancellationToken: Token)];
        var error = await Assert.ThrowsAsync<ChatException>(() => embedder.EmbedAsync([Text(3)], cancellationToken: Token));
        Assert.Equal(ChatErrorKind.Overloaded, error.Kind);
        Assert.NotNull(error.RetryAfter);
        await embedder.DisposeAsync();
        foreach (var one in hand)
            Assert.Equal(ChatErrorKind.Unavailable, (await Assert.ThrowsAsync<ChatException>(() => one)).Kind);
        Assert.Equal(
            ChatErrorKind.Unavailable,
            (await Assert.ThrowsAsync<ChatException>(() => embedder.EmbedAsync([Text(3)], cancellationToken: Token))).Kind);
    }

    [Theory]
    [InlineData("bert.pooling_type", 4u, "ranks texts")]
    [InlineData("bert.pooling_type", 0u, "supported are 1 (mean)")]
    [InlineData("bert.pooling_type", 5u, "between 0 and 4")]
    [InlineData("bert.pooling_type", null, "is missing")]
    [InlineData("bert.attention.causal", true, "both directions")]
    [InlineData("bert.attention.sliding_window", 8u, "window")]
    [InlineData("bert.attention.layer_norm_epsilon", null, "no such key")]
    [InlineData("bert.moe_every_n_layers", 2u, "does not honour")]
    public void An_encoder_that_would_be_read_wrongly_is_refused_by_the_keys_name(string key, object? value, string why)
    {
        var made = RandomModel.Bert();
        made.Metadata.Remove(key);
        if (value is not null)
            made.Metadata[key] = value;
        var error = Assert.Throws<GgufException>(() => Load(made));
        Assert.Equal(key, error.Field);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token_types.weight", "hyper-parameters call for")]
    [InlineData("blk.1.layer_output_norm.bias", "no such tensor")]
    [InlineData("position_embd.weight", "no such tensor")]
    [InlineData("cls.weight", "does not use")]
    public void An_encoders_tensor_that_is_wrong_is_named(string name, string why)
    {
        var made = RandomModel.Bert();
        if (name == "token_types.weight")
            made.Tensors[name] = [RandomModel.Width + 1, 2];
        else if (!made.Tensors.Remove(name))
            made.Tensors[name] = [RandomModel.Width, 1];
        var error = Assert.Throws<GgufException>(() => Load(made));
        Assert.Equal(name, error.Field);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fuzzed_metadata_gives_a_vector_or_a_clear_refusal()
    {
        object[] odd =
        [
            0u, 1u, 2u, 3u, 4u, 33u, 64u, int.MaxValue, uint.MaxValue, ulong.MaxValue, -1, 0f, 1e30f, float.NaN, true, false, "",
            "linear", Array.Empty<int>(), new[] { 4u, 4u },
        ];
        string[] more = ["rope.dimension_count", "rope.scaling.type", "attention.head_count_kv", "attention.key_length", "attention.sliding_window"];
        int refused = 0, answered = 0;
        foreach (string name in (string[])["bert", "nomic-bert"])
        {
            var keys = Named(name).Metadata.Keys.Where(key => key.StartsWith(name + ".", StringComparison.Ordinal))
                .Union(more.Select(key => $"{name}.{key}"));
            foreach (string key in keys)
                foreach (object value in odd)
                {
                    var made = Named(name);
                    made.Metadata[key] = value;
                    try
                    {
                        using var model = Load(made);
                        await using var embedder = new Embedder(model, new EngineOptions { Threads = 1 });
                        float[] vector = (await embedder.EmbedAsync([[1, 9, 2]], cancellationToken: Token))[0].ToArray();
                        Assert.All(vector, one => Assert.True(float.IsFinite(one)));
                        answered++;
                    }
                    catch (GgufException error)
                    {
                        Assert.NotEmpty(error.Field);
                        refused++;
                    }
                    catch (ChatException error) when (error.Kind == ChatErrorKind.ContextLengthExceeded)
                    {
                        Assert.EndsWith("context_length", key, StringComparison.Ordinal);
                        refused++;
                    }
                }
        }

        Assert.True(refused > 200 && answered > 30, $"{refused} refused, {answered} answered");
    }

    [Fact]
    public async Task A_model_of_one_kind_of_token_or_none_is_read()
    {
        foreach (bool one in (bool[])[true, false])
        {
            var made = RandomModel.Bert();
            made.Tensors.Remove("token_types.weight");
            if (one)
                made.Tensors["token_types.weight"] = [RandomModel.Width];
            using var model = Load(made);
            await using var embedder = new Embedder(model);
            Assert.Single(await embedder.EmbedAsync([Text(3)], cancellationToken: Token));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static RandomModel Named(string name) => name switch
    {
        "bert" => RandomModel.Bert(),
        "nomic-bert" => RandomModel.NomicBert(),
        "qwen3-mean" => RandomModel.PooledQwen3(1),
        "qwen3-cls" => RandomModel.PooledQwen3(2),
        _ => RandomModel.PooledQwen3(3),
    };

    // 1 to 128 tokens, all different.
    private static int[] Text(int i) =>
        [.. Enumerable.Range(0, 1 + ((i * 37) % 128)).Select(t => 3 + (((t + 1) * (i + 3) * 7) % (RandomModel.Vocabulary - 3)))];

    private LoadedModel Load(RandomModel made, int? context = null) =>
        LoadedModel.Load(made.Write(_folder), new LoadOptions { ContextLength = context });
}
