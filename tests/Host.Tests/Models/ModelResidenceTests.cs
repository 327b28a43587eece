using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Tests;

namespace Causerie.Host.Tests.Models;

/// <summary>Models go when nobody asks them, or when another needs their memory; answers that are given go on.</summary>
public sealed class ModelResidenceTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly HandClock _clock = new();
    private readonly Dictionary<string, TaskCompletionSource> _gates = [];
    private readonly List<string> _loads = [];
    private readonly SemaphoreSlim _began = new(0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_that_nobody_asks_is_unloaded_after_its_time_and_comes_back()
    {
        await using var library = Library(new LibraryOptions { UnloadAfter = TimeSpan.FromMinutes(10) }, "a");
        await Ask(library, "a");
        _clock.Advance(TimeSpan.FromMinutes(9));
        await Ask(library, "a");
        _clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(LibraryState.Loaded, State(library, "a"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LibraryState.Shelved, State(library, "a"));
        Assert.Equal("answer", await Ask(library, "a"));
        Assert.Equal(["a", "a"], _loads);
    }

    [Fact]
    public async Task A_model_that_answers_is_not_idle_however_long_it_takes()
    {
        await using var library = Library(new LibraryOptions { UnloadAfter = TimeSpan.FromMinutes(10) }, "a");
        var (answer, gate) = await Begin(library, "a");
        _clock.Advance(TimeSpan.FromHours(5));
        Assert.Equal(LibraryState.Loaded, State(library, "a"));
        gate.SetResult();
        Assert.Equal("answer", await answer);
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(LibraryState.Shelved, State(library, "a"));
    }

    [Fact]
    public async Task Without_a_time_models_stay()
    {
        await using var library = Library(new LibraryOptions(), "a");
        await Ask(library, "a");
        _clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal(LibraryState.Loaded, State(library, "a"));
    }

    [Fact]
    public async Task The_model_that_was_asked_longest_ago_makes_room()
    {
        await using var library = Library(Budget(25), "a", "b", "c");
        await Ask(library, "a");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Ask(library, "b");
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Ask(library, "a");
        await Ask(library, "c");
        Assert.Equal(
            [("a", LibraryState.Loaded), ("b", LibraryState.Shelved), ("c", LibraryState.Loaded)],
            library.Models.Select(model => (model.Id, model.State)));
    }

    [Fact]
    public async Task Who_answers_stays_and_the_next_is_told_who_is_in_the_way()
    {
        await using var library = Library(Budget(15), "a", "b");
        var (answer, gate) = await Begin(library, "a");
        var refused = await Assert.ThrowsAsync<ChatException>(() => Ask(library, "b"));
        Assert.Equal(ChatErrorKind.Overloaded, refused.Kind);
        Assert.Equal(
            "The model 'b' needs 10 B. It does not fit the 15 B for models together with 'a' (10 B), in use now. "
            + "Try again when they are done.", refused.Message);
        Assert.NotNull(refused.RetryAfter);
        gate.SetResult();
        Assert.Equal("answer", await answer);
        Assert.Equal("answer", await Ask(library, "b"));
        Assert.Equal(LibraryState.Shelved, State(library, "a"));
    }

    [Fact]
    public async Task A_model_that_never_fits_is_refused_with_the_numbers()
    {
        await using var library = Library(Budget(9), "a");
        var refused = await Assert.ThrowsAsync<ChatException>(() => Ask(library, "a"));
        Assert.Equal(ChatErrorKind.Unavailable, refused.Kind);
        Assert.Contains("needs 10 B, more than the 9 B", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_loads);
    }

    [Fact]
    public async Task Many_who_ask_for_many_models_at_once_stay_inside_the_budget()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        await using var library = Library(Budget(20), names);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await Task.Yield();
            try
            {
                Assert.Equal("answer", await Ask(library, names[i * 7 % 5]));
            }
            catch (ChatException e)
            {
                Assert.Equal(ChatErrorKind.Overloaded, e.Kind);
            }
        }));
        foreach (string name in names)
            Assert.Equal("answer", await Ask(library, name));
        Assert.Equal(2, library.Models.Count(model => model.State == LibraryState.Loaded));
    }

    [Fact]
    public async Task Reloading_drops_no_answer()
    {
        await using var library = Library(new LibraryOptions(), "a");
        var (answer, gate) = await Begin(library, "a");
        library.Unload("a");
        Assert.Equal("answer", await Ask(library, "a"));
        Assert.Equal(LibraryState.Loaded, State(library, "a"));
        gate.SetResult();
        Assert.Equal("answer", await answer);
        Assert.Equal(["a", "a"], _loads);
        Assert.Equal("answer", await Ask(library, "a"));
    }

    [Fact]
    public async Task A_model_whose_file_is_spoilt_is_loaded_anew()
    {
        bool spoilt = true;
        await using var library = Library(new LibraryOptions { IsSpoilt = _ => spoilt }, "a");
        await Ask(library, "a");
        Assert.Equal(LibraryState.Shelved, State(library, "a"));
        spoilt = false;
        await Ask(library, "a");
        Assert.Equal(LibraryState.Loaded, State(library, "a"));
        Assert.Equal(["a", "a"], _loads);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _began.Dispose();
    }

    private static LibraryOptions Budget(long bytes) =>
        new() { MemoryBytes = bytes, Needs = _ => 10, Holds = _ => 10 };

    private static LibraryState State(ModelLibrary library, string id) => library.Models.Single(model => model.Id == id).State;

    private static async Task<string> Ask(ModelLibrary library, string id, string text = "at once")
    {
        string answer = "";
        var request = new ChatRequest { Model = id, Messages = [new ChatMessage(ChatRole.User, text)] };
        await foreach (var chatEvent in library.Router.StreamAsync(request, Token))
            answer += (chatEvent as ChatText)?.Text;
        return answer;
    }

    private ModelLibrary Library(LibraryOptions options, params string[] names)
    {
        var library = new ModelLibrary(
            (id, _, _, _) =>
            {
                lock (_loads)
                    _loads.Add(id);
                return Task.FromResult<IChatModel>(new Gated(id, _gates, _began));
            }, options, _clock);
        foreach (string name in names)
            library.Add(_folder.Write($"{name}.gguf"));
        return library;
    }

    /// <summary>Begins an answer that ends when its gate opens.</summary>
    private async Task<(Task<string> Answer, TaskCompletionSource Gate)> Begin(ModelLibrary library, string id)
    {
        var gate = _gates["later"] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = Ask(library, id, "later");
        await _began.WaitAsync(Token);
        return (answer, gate);
    }

    private sealed class Gated(string id, Dictionary<string, TaskCompletionSource> gates, SemaphoreSlim began) : IChatModel
    {
        public IReadOnlyList<ModelCard> Models { get; } = [new ModelCard(id, default, "causerie")];

        public async IAsyncEnumerable<ChatEvent> StreamAsync(
            ChatRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            yield return new ChatStarted(id, null);
            if (gates.TryGetValue(request.Messages[0].Text, out var gate))
            {
                began.Release();
                await gate.Task.WaitAsync(cancellationToken);
            }

            yield return new ChatText("answer");
            yield return new ChatFinished(FinishReason.Stop, new TokenUsage(1, 1));
        }
    }
}
