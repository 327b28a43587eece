using Causerie.Chat;
using Causerie.Host.Models;
using Causerie.Inference;
using Causerie.Tests;

namespace Causerie.Host.Tests.Models;

/// <summary>Model files come, load, answer, unload and go while the server runs.</summary>
public sealed class ModelLibraryTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_is_loaded_when_it_is_first_asked_and_once()
    {
        int loads = 0;
        await using var library = new ModelLibrary(async (id, _, progress, _) =>
        {
            Interlocked.Increment(ref loads);
            progress.Report(new LoadProgress(LoadStage.ArrangeWeights, 0.25));
            await Task.Yield();
            return new ScriptedModel(id, "hello");
        });
        string id = library.Add(_folder.Write("tiny.gguf"));
        Assert.Equal(("tiny", LibraryState.Shelved), (id, library.Models[0].State));
        Assert.Equal("tiny", Assert.Single(library.Router.Models).Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Ask(library, "tiny")));

        Assert.All(answers, answer => Assert.Equal("hello", answer));
        Assert.Equal(1, loads);
        Assert.Equal((LibraryState.Loaded, 1.0, null), (library.Models[0].State, library.Models[0].Progress, library.Models[0].Error));
    }

    [Fact]
    public async Task A_model_that_only_gives_vectors_is_not_one_to_chat_with_before_it_is_loaded_and_after()
    {
        string bert = ConformanceData.Require("weights/archs/bert-cls-f16.gguf");
        Assert.False(LocalModels.Chats(bert));
        Assert.True(LocalModels.Chats(_folder.Write("damaged.gguf")));
        await using var library = new ModelLibrary(
            (id, _, _, _) => Task.FromResult<IChatModel>(new ScriptedModel(id)), new LibraryOptions { Chats = LocalModels.Chats });
        library.Add(bert);
        Assert.False(Assert.Single(library.Router.Models).Chats);
        await library.LoadAsync("bert-cls-f16", Token);
        Assert.False(Assert.Single(library.Router.Models).Chats);
    }

    [Fact]
    public async Task Loading_can_be_watched()
    {
        var seen = new List<(LibraryState, double)>();
        await using var library = new ModelLibrary((id, _, progress, _) =>
        {
            progress.Report(new LoadProgress(LoadStage.ArrangeWeights, 0.3));
            progress.Report(new LoadProgress(LoadStage.ArrangeWeights, 0.3001));
            progress.Report(new LoadProgress(LoadStage.ArrangeWeights, 0.9));
            return Task.FromResult<IChatModel>(new ScriptedModel(id));
        });
        string id = library.Add(_folder.Write("tiny.gguf"));
        library.Changed += () => seen.Add((library.Models[0].State, library.Models[0].Progress));
        await library.LoadAsync(id, Token);
        Assert.Equal(
            [(LibraryState.Loading, 0), (LibraryState.Loading, 0.3), (LibraryState.Loading, 0.9), (LibraryState.Loaded, 1)],
            seen);
    }

    [Fact]
    public async Task A_file_that_cannot_be_loaded_says_why_and_may_be_tried_again()
    {
        bool broken = true;
        await using var library = new ModelLibrary((id, _, _, _) => broken
            ? throw new InvalidDataException("general.alignment is 3.")
            : Task.FromResult<IChatModel>(new ScriptedModel(id, "hello")));
        string id = library.Add(_folder.Write("tiny.gguf"));

        var failure = await Assert.ThrowsAsync<ChatException>(() => Ask(library, id));
        Assert.Equal(ChatErrorKind.Unavailable, failure.Kind);
        Assert.Contains("general.alignment is 3.", failure.Message, StringComparison.Ordinal);
        Assert.Equal((LibraryState.Failed, "general.alignment is 3."), (library.Models[0].State, library.Models[0].Error));

        broken = false;
        Assert.Equal("hello", await Ask(library, id));
        Assert.Null(library.Models[0].Error);
    }

    [Fact]
    public async Task Unloading_waits_for_the_last_answer()
    {
        var gate = new TaskCompletionSource();
        var model = new Disposable(new ScriptedModel("tiny", "one", "two") { BeforePiece = (_, _) => gate.Task });
        await using var library = new ModelLibrary((_, _, _, _) => Task.FromResult<IChatModel>(model));
        string id = library.Add(_folder.Write("tiny.gguf"));

        var answer = Ask(library, id);
        await model.Inner.Began;
        library.Unload(id);
        Assert.Equal(LibraryState.Shelved, library.Models[0].State);
        Assert.False(model.Disposed.IsCompleted);
        gate.SetResult();
        Assert.Equal("onetwo", await answer);
        await model.Disposed.WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task A_model_that_is_removed_answers_no_more()
    {
        var model = new Disposable(new ScriptedModel("tiny", "x"));
        await using var library = new ModelLibrary((_, _, _, _) => Task.FromResult<IChatModel>(model));
        string id = library.Add(_folder.Write("tiny.gguf"));
        await library.LoadAsync(id, Token);
        library.Remove(id);
        await model.Disposed.WaitAsync(TimeSpan.FromSeconds(10), Token);
        Assert.Empty(library.Models);
        Assert.Empty(library.Router.Models);
        Assert.Equal(
            ChatErrorKind.ModelNotFound, (await Assert.ThrowsAsync<ChatException>(() => library.LoadAsync(id, Token))).Kind);
    }

    [Fact]
    public async Task One_caller_that_leaves_does_not_stop_the_loading_for_the_next()
    {
        var gate = new TaskCompletionSource();
        await using var library = new ModelLibrary(async (id, _, _, token) =>
        {
            await gate.Task.WaitAsync(token);
            return new ScriptedModel(id, "hello");
        });
        string id = library.Add(_folder.Write("tiny.gguf"));
        using var leaving = new CancellationTokenSource();
        var first = library.LoadAsync(id, leaving.Token);
        var second = Ask(library, id);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.SetResult();
        Assert.Equal("hello", await second);
    }

    [Fact]
    public async Task Closing_stops_the_loading()
    {
        var library = new ModelLibrary(async (_, _, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return new ScriptedModel("never");
        });
        var loading = library.LoadAsync(library.Add(_folder.Write("tiny.gguf")), Token);
        await library.DisposeAsync();
        await Assert.ThrowsAsync<ChatException>(() => loading.WaitAsync(TimeSpan.FromSeconds(10), Token));
    }

    [Fact]
    public async Task A_folder_is_taken_with_its_folders_and_split_models_count_once()
    {
        _folder.Write("b.gguf");
        _folder.Write("org/a.gguf");
        _folder.Write("org/b.gguf");
        _folder.Write("org/big-00001-of-00002.gguf");
        _folder.Write("org/big-00002-of-00002.gguf");
        _folder.Write("readme.txt");
        _folder.Write("org/part.gguf.download");
        await using var library = new ModelLibrary((id, _, _, _) => Task.FromResult<IChatModel>(new ScriptedModel(id)));
        library.AddFolder(_folder.Path);
        library.AddFolder(_folder.Path);
        library.AddFolder(Path.Combine(_folder.Path, "nowhere"));
        Assert.Equal(["a", "b", "big", "org/b"], library.Models.Select(model => model.Id).Order(StringComparer.Ordinal));
        Assert.Equal(1, library.Router.Models.Single(card => card.Id == "a").FileSize);
    }

    [Fact]
    public void A_missing_file_is_refused() =>
        Assert.Throws<FileNotFoundException>(
            () => new ModelLibrary((_, _, _, _) => throw new NotSupportedException()).Add("nowhere.gguf"));

    public void Dispose() => _folder.Dispose();

    private static async Task<string> Ask(ModelLibrary library, string id)
    {
        string text = "";
        var request = new ChatRequest { Model = id, Messages = [new ChatMessage(ChatRole.User, "hello")] };
        await foreach (var chatEvent in library.Router.StreamAsync(request, Token))
            text += (chatEvent as ChatText)?.Text;
        return text;
    }

    private sealed class Disposable(ScriptedModel inner) : IChatModel, IAsyncDisposable
    {
        private readonly TaskCompletionSource _disposed = new();

        public ScriptedModel Inner { get; } = inner;

        public Task Disposed => _disposed.Task;

        public IReadOnlyList<ModelCard> Models => Inner.Models;

        public IAsyncEnumerable<ChatEvent> StreamAsync(ChatRequest request, CancellationToken cancellationToken) =>
            Inner.StreamAsync(request, cancellationToken);

        public ValueTask DisposeAsync()
        {
            _disposed.SetResult();
            return ValueTask.CompletedTask;
        }
    }
}
