using Causerie.Chat;
using Causerie.Conversations.Storage;
using Causerie.Conversations.Turns;
using Causerie.Host.Endpoints;
using Causerie.Host.Models;
using Causerie.Host.Serving.Access;
using Causerie.Inference;
using Causerie.Web;
using Causerie.Web.State;

namespace Causerie.Host.Serving;

/// <summary>Puts the chat page into the server: its conversations, and the shelf that it asks for models.</summary>
internal static class ChatPage
{
    public static void Add(IServiceCollection services, ServerOptions options, ModelLibrary library)
    {
        services.AddCauserieWeb();
        if (options.DataFolder is not { } data)
            return;
        services.AddSingleton(new TurnOptions
        {
            Scope = options.ApiKeys.IsEmpty || options.SharePrompts ? "" : Caller.PageScope,
        });
        services.AddSingleton(provider => OpenStorage(data, provider.GetRequiredService<TimeProvider>()));
        var suggestions = new Suggestions();
        services.AddSingleton(provider => new ModelShelf
        {
            Folder = DataFolder.Models(data),
            LoadAsync = (path, cancellationToken) => LoadAsync(library, path, cancellationToken),
            Loading = () => [.. library.Models.Where(IsOnItsWay).Select(model => new ModelLoad(
                model.Id, model.State == LibraryState.Loading ? model.Progress : null, model.Error)
            {
                Stage = Stage(model.Stage),
            })],
            UploadUrl = UploadEndpoint.Path,
            Suggestions = suggestions.Now,
        });
    }

    public static void Map(WebApplication app, ServerOptions options)
    {
        if (options.DataFolder is not { } data)
            return;
        // A damaged database is said when the server starts, not to the first visitor.
        _ = app.Services.GetRequiredService<Sqlite>();
        app.MapCauserieWeb(open => open.WithMetadata(new OpenToAll()));
        UploadEndpoint.Map(app, DataFolder.Models(data));
    }

    private static bool IsOnItsWay(LibraryModel model) => model.State is LibraryState.Loading or LibraryState.Failed;

    private static ModelLoadStage Stage(LoadStage stage) => stage switch
    {
        LoadStage.ArrangeWeights => ModelLoadStage.ArrangingWeights,
        LoadStage.ReadArranged => ModelLoadStage.ReadingArrangedWeights,
        LoadStage.PrepareVocabulary or LoadStage.Ready => ModelLoadStage.PreparingVocabulary,
        _ => ModelLoadStage.ReadingFile,
    };

    private static async Task LoadAsync(ModelLibrary library, string path, CancellationToken cancellationToken)
    {
        string id;
        try
        {
            id = library.Add(path);
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException)
        {
            throw new ChatException(ChatErrorKind.InvalidRequest, failure.Message, null, failure);
        }

        await library.LoadAsync(id, cancellationToken);
    }

    private static Sqlite OpenStorage(string data, TimeProvider clock)
    {
        try
        {
            Directory.CreateDirectory(data);
            return Sqlite.Open(Path.Combine(data, "conversations.db"), clock);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException)
        {
            throw new ServerException(
                $"The conversations in '{data}' cannot be opened: {failure.Message} Name another folder with --data.",
                failure);
        }
    }
}
