using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;
using Causerie.Inference.Hashing;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Panels;
using Causerie.Inference.Sampling;
using Causerie.Inference.Scheduling;
using Causerie.Text.Tokenizers;

namespace Causerie.Inference;

/// <summary>A model file that was opened and checked: weights, tokenizer, chat template, and what is known of it.</summary>
/// <remarks>Immutable and safe to share; weights stay mapped until disposal, which must wait for every user.</remarks>
public sealed class LoadedModel : IDisposable
{
    private const int ScoredChunk = 16;

    private readonly ArrangedWeights _weights;
    private readonly WeightMatrix[] _matrices;
    private volatile bool _spoilt;
    private readonly ModelHashing _hashing;

    private LoadedModel(
        GgufFile file, ForwardPass forward, ArrangedWeights weights, Tokenizer tokenizer, LoadOptions options,
        int contextLength, KeptFile? kept)
    {
        _weights = weights;
        _matrices = [.. forward.Matrices];
        _hashing = new ModelHashing(file, kept);
        File = file;
        Forward = forward;
        KvShape = KvShape.Of(forward.Parameters, options.KvElement, contextLength);
        var card = ModelCardReader.Read(file, contextLength);
        Card = card with { Id = options.Id ?? card.Id };
        Memory = new MemoryEstimate(
            file.Tensors.Values.Sum(tensor => tensor.Length), KvShape.BytesPerPosition, contextLength);
        Tokenizer = tokenizer;
        SamplerDefaults = SamplerDefaults.From(file.Metadata);
        Prompts = PromptFormat.Read(file.Metadata, Tokenizer);
    }

    /// <summary>Receives the logits of one position.</summary>
    /// <param name="position">Position in the prompt.</param>
    /// <param name="logits">[vocabulary] f32, valid during the call.</param>
    public delegate void LogitsReceiver(int position, ReadOnlySpan<float> logits);

    /// <summary>The open file: metadata and tensor directory.</summary>
    public GgufFile File { get; }

    /// <summary>What a caller may know of the model.</summary>
    public ModelCard Card { get; }

    /// <summary>Hyper-parameters.</summary>
    public HyperParameters Parameters => Forward.Parameters;

    /// <summary>Text to token ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How messages become a prompt.</summary>
    public PromptFormat Prompts { get; }

    /// <summary>How the model wants to be sampled where a request leaves it open.</summary>
    public SamplerDefaults SamplerDefaults { get; }

    /// <summary>What the one who runs the model should know: a stand-in template, settings of the file not honoured.</summary>
    public IEnumerable<string> Notes =>
    [
        .. !Parameters.Bidirectional && Prompts.Note is { } note ? [note] : Array.Empty<string>(),
        .. _weights.Note is { } kept ? [kept] : Array.Empty<string>(),
        .. SamplerDefaults.NotHonoured.Select(key => $"The model asks for {key}, a sampler that does not exist here."),
    ];

    /// <summary>Whether the weights were read as an earlier start arranged and kept them.</summary>
    public bool ArrangedEarlier => _weights.ArrangedEarlier;

    /// <summary>Longest prompt and answer together, in tokens.</summary>
    public int ContextLength => KvShape.MaxPositions;

    /// <summary>The memory that the model needs.</summary>
    public MemoryEstimate Memory { get; }

    /// <summary>The engine's version.</summary>
    public static string EngineVersion => typeof(LoadedModel).Assembly.GetName().Version?.ToString(3) ?? "0";

    /// <summary>
    /// Engine version and model: the first half of the SHA-256 of its file. Null until <see cref="HashAsync"/> is done,
    /// since anything that could be said earlier would be another model's too.
    /// </summary>
    public string? Fingerprint => _hashing.Done.IsCompletedSuccessfully
        ? $"causerie-{EngineVersion}-{FileHash.OfModel(_hashing.Done.GetAwaiter().GetResult())[..16]}"
        : null;

    /// <summary>Whether a file that weights are read from was cut or written to: only loading it anew helps.</summary>
    public bool IsSpoilt => _spoilt;

    internal ForwardPass Forward { get; }

    internal KvShape KvShape { get; }

    /// <summary>Opens and checks a model.</summary>
    /// <param name="path">A GGUF file, or the first shard of a split one.</param>
    /// <param name="options">Context and cache; null takes the defaults.</param>
    /// <param name="progress">Told of each stage.</param>
    /// <exception cref="GgufException">The file is damaged or not supported; the message names the place.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="ArgumentException">The context asked for is longer than the model's.</exception>
    public static LoadedModel Load(
        string path, LoadOptions? options = null, IProgress<LoadProgress>? progress = null)
    {
        options ??= new LoadOptions();
        progress?.Report(new LoadProgress(LoadStage.ReadFile, 0));
        var file = GgufFile.Open(path);
        TokenizerLoading? tokenizer = null;
        ArrangedWeights? weights = null;
        try
        {
            file.ExpectScattered(true); // Samples, small tensors and rows of tables; whole matrices may lie elsewhere.
            var kept = options.CacheFolder is { } folder ? KeptFile.Of(folder, file) : null;
            using var ahead = ReadAhead.Start(kept);
            progress?.Report(new LoadProgress(LoadStage.CheckWeights, 0.05));
            var architecture = Architecture.Of(file.Metadata);
            int contextLength = ContextToServe(options, architecture.ReadHyperParameters(file));
            var forward = architecture.Load(file, contextLength);
            file.ThrowIfChanged();
            tokenizer = TokenizerLoading.Start(file.Metadata, forward.Parameters.VocabularySize);
            weights = ArrangedWeights.Of(file, forward.Multiplied, options, kept, progress);
            progress?.Report(new LoadProgress(LoadStage.PrepareVocabulary, 0.9));
            var model = new LoadedModel(file, forward, weights, tokenizer.Wait(), options, contextLength, kept);
            weights.StartBackground(); // Not before the model is known to be good: a refusal would wait for it.
            progress?.Report(new LoadProgress(LoadStage.Ready, 1));
            return model;
        }
        catch
        {
            // The tokenizer reads the mapped file.
            tokenizer?.Join();
            weights?.StopKeeping();
            weights?.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <summary>Computes the logits at every position of a prompt, to compare models and to score texts.</summary>
    /// <remarks>Keys and values are kept in f32 here, whatever the options say: nothing but the weights rounds.</remarks>
    /// <param name="tokens">Token ids.</param>
    /// <param name="receive">Called once for each position, in order.</param>
    /// <param name="threads">Threads to compute on; null takes one for each physical core.</param>
    /// <param name="cancellationToken">Looked at between chunks.</param>
    /// <exception cref="ChatException">The prompt is longer than the context, or an id is not in the vocabulary.</exception>
    public void Logits(
        ReadOnlySpan<int> tokens, LogitsReceiver receive, int? threads = null,
        CancellationToken cancellationToken = default)
    {
        if (Parameters.Bidirectional)
            throw DoesNotWrite();
        CheckTokens(tokens);
        if (tokens.Length > ContextLength)
            throw new ChatException(
                ChatErrorKind.ContextLengthExceeded,
                $"The prompt has {tokens.Length} tokens; the context holds {ContextLength}.");
        using var pool = threads is { } number ? new WorkerPool(number) : new WorkerPool();
        var state = Forward.NewState(pool);
        using var pages = new PagePool(KvShape with { Element = KvElement.F32 }, Math.Max(1, KvPages.For(tokens.Length)));
        var kv = new BlockTable(pages);
        kv.TryReserve(tokens.Length);
        var batch = new Batch();
        int width = Parameters.VocabularySize;
        for (int start = 0; start < tokens.Length; start += ScoredChunk)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(ScoredChunk, tokens.Length - start);
            batch.Clear();
            batch.Add(kv, tokens.Slice(start, count), start, WantedLogits.All);
            CheckFiles();
            var logits = Forward.Run(state, batch); // [count, vocabulary] f32
            for (int i = 0; i < count; i++)
                receive(start + i, logits.Slice(i * width, width));
        }
    }

    /// <summary>Waits until the weights are kept for the next start, should that be under way.</summary>
    /// <param name="cancellationToken">Gives the keeping up, and leaves no file behind.</param>
    /// <returns>Why they are not kept, as <see cref="Notes"/> says it too; else null.</returns>
    public string? WaitUntilKept(CancellationToken cancellationToken = default) =>
        _weights.WaitUntilKept(cancellationToken);

    /// <summary>The SHA-256 of the model's files, computed in the background from the first call on.</summary>
    /// <exception cref="IOException">A file is not the one that was opened any more.</exception>
    public Task<ImmutableArray<ModelFileHash>> HashAsync()
    {
        _hashing.Start();
        return _hashing.Done;
    }

    /// <summary>Lets go of the weights, after they are kept for the next start should that be under way.</summary>
    public void Dispose()
    {
        _hashing.Dispose();
        _weights.Dispose();
        File.Dispose();
    }

    /// <summary>Waits until nothing of the loading goes on in the background: for measurements.</summary>
    public void Settle() => _weights.Settle();

    /// <summary>What to tell who asks an encoder for an answer.</summary>
    internal ChatException DoesNotWrite() => new(
        ChatErrorKind.Unsupported, $"The model '{Card.Id}' is an encoder: it gives embeddings and does not write.", "model");

    /// <summary>To be called before each forward pass: reading weights that were cut off would end the process.</summary>
    /// <exception cref="ChatException">A file that weights are read from was cut or written to.</exception>
    internal void CheckFiles()
    {
        MappedFile? checkedLast = null;
        foreach (var matrix in _matrices)
        {
            if (matrix.File is not { } file || file == checkedLast)
                continue;
            checkedLast = file;
            try
            {
                file.ThrowIfChanged();
            }
            catch (FileChangedException e)
            {
                throw Spoilt(e);
            }
        }
    }

    /// <summary>Notes that a file was cut or written to, for whoever met that.</summary>
    /// <returns>What to tell who waits for an answer.</returns>
    internal ChatException Spoilt(FileChangedException cause)
    {
        _spoilt = true;
        return new ChatException(
            ChatErrorKind.Unavailable, $"The model must be loaded anew. {cause.Message}", "model", cause);
    }

    /// <summary>Refuses ids that the embedding has no row for.</summary>
    internal void CheckTokens(ReadOnlySpan<int> tokens, string? field = null)
    {
        foreach (int id in tokens)
            if ((uint)id >= (uint)Parameters.VocabularySize)
                throw ChatException.Invalid(
                    $"The token id {id} is not in the vocabulary of {Parameters.VocabularySize} tokens.", field);
    }

    private static int ContextToServe(LoadOptions options, HyperParameters p)
    {
        if (options.ContextLength is { } asked)
        {
            if (asked < 1 || asked > p.ContextLength)
                throw new ArgumentException(
                    $"The context of {asked} tokens must be between 1 and the model's {p.ContextLength}.");
            return asked;
        }
        int context = Math.Min(p.ContextLength, LoadOptions.DefaultContextLength);
        long budget = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;
        long perToken = KvShape.Of(p, options.KvElement, context).BytesPerPosition;
        while (context > 512 && context * perToken > budget)
            context /= 2;
        return context;
    }
}
