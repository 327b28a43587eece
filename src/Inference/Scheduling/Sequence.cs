using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Causerie.Chat;
using Causerie.Compute.Kernels;
using Causerie.Inference.KvCache;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Scheduling;

/// <summary>One request on its way through the engine: its tokens, how far they are computed, and who listens.</summary>
/// <remarks>
/// The engine's thread owns it, but for <see cref="Cancel"/> and <see cref="ReadAsync"/>. A token costs that thread no
/// allocation: it writes to the array that it needs anyway and tells how far; the reader makes the events.
/// </remarks>
internal sealed class Sequence
{
    private readonly Signal _news = new();
    private readonly TimeProvider _clock;
    private readonly int _maxGenerated;
    private readonly bool _ignoreEnd;
    private readonly int[] _tokens; // [≥ Length] prompt, then what is generated
    private readonly FloatDigest? _digest;
    private readonly UInt128[]? _digests; // [as _tokens without the prompt] after each token
    private readonly Chances? _chances;
    private int _digested;
    private volatile bool _cancelled;
    private int _read; // prompt tokens that the reader may know of
    private int _given; // tokens that the reader may have, the prompt's included
    private volatile bool _ended;
    private GenerationEnded? _end;
    private Exception? _error;
    private long _started;
    private long _promptRead;
    private bool _startedOnce;

    public Sequence(
        GenerationRequest request, Sampler sampler, BlockTable kv, int contextLength, TimeProvider clock)
    {
        _clock = clock;
        Kv = kv;
        Client = request.Client;
        IsPatient = request.IsPatient;
        Scope = request.Scope;
        _ignoreEnd = request.IgnoreEnd;
        _digest = request.Digest ? new FloatDigest() : null;
        Length = PromptLength = _given = request.Prompt.Length;
        Sampler = sampler;
        Drafting = new Drafting(request.Prediction);
        _maxGenerated = Math.Min(request.MaxTokens ?? int.MaxValue, contextLength - PromptLength);
        // All of it now, on the caller's thread; a context's ids are nothing beside its keys.
        _tokens = new int[PromptLength + _maxGenerated];
        request.Prompt.CopyTo(_tokens, 0);
        _chances = request.LogProbs is { } most ? new Chances(most, _maxGenerated) : null;
        _digests = request.Digest ? new UInt128[_maxGenerated] : null;
    }

    public Sampler Sampler { get; }

    /// <summary>Guesses what comes next.</summary>
    public Drafting Drafting { get; }

    /// <summary>Tokens that it may still write.</summary>
    public int Left => _maxGenerated - (Length - PromptLength);

    /// <summary>Its place in the order of arrival.</summary>
    public long Number { get; set; }

    public int PromptLength { get; }

    /// <summary>Tokens so far, prompt and answer.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>Prompt tokens whose keys and values were known when the sequence started.</summary>
    public int Cached { get; private set; }

    /// <summary>Where keys and values lie; empty while the sequence waits.</summary>
    public BlockTable Kv { get; }

    /// <summary>Who asked: clients take turns.</summary>
    public string Client { get; }

    /// <summary>Whether it gives way to those who wait and are not.</summary>
    public bool IsPatient { get; }

    /// <summary>Whose prompts may share keys and values.</summary>
    public string Scope { get; }

    public bool Cancelled => _cancelled;

    public bool Ended => _ended;

    /// <summary>Whether all but the newest token are computed, so that one step gives the next.</summary>
    public bool Decoding => Length > PromptLength && Computed == Length - 1;

    /// <summary>The tokens that are computed.</summary>
    public ReadOnlySpan<int> Known => _tokens.AsSpan(0, Computed);

    /// <summary>All tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, Length);

    /// <summary>The tokens that wait to be computed.</summary>
    public ReadOnlySpan<int> Pending => _tokens.AsSpan(Computed, Length - Computed);

    /// <summary>Starts, or goes on after <see cref="Interrupt"/>.</summary>
    /// <param name="known">Tokens whose keys and values are in <see cref="Kv"/>.</param>
    public void Start(int known)
    {
        Computed = known;
        if (_startedOnce)
            return;
        _startedOnce = true;
        _started = _clock.GetTimestamp();
        Cached = known;
        if (known > 0)
            Tell();
    }

    /// <summary>Gives the cache up for others; what is written stays, and is computed again later.</summary>
    public void Interrupt()
    {
        Kv.Clear();
        Computed = 0;
    }

    /// <summary>The next token, which is not taken yet.</summary>
    /// <param name="logits">[vocabulary] f32; changed.</param>
    /// <exception cref="ChatException">No token can be picked from these logits.</exception>
    public int Pick(Span<float> logits)
    {
        if (_digest is not null)
        {
            _digest.Add(logits);
            _digests![_digested++] = _digest.Current;
        }
        if (_chances is null)
            return Sampler.Pick(logits);
        _chances.Look(logits);
        int id = Sampler.Pick(logits);
        _chances.Take(id);
        return id;
    }

    /// <summary>Asks the engine to stop; from any thread.</summary>
    public void Cancel()
    {
        _cancelled = true;
        _news.Set();
    }

    /// <summary>What the engine does with the request, as it goes; one reader on any thread.</summary>
    /// <remarks>Progress that came faster than it was read is told once. Who has left sees no more.</remarks>
    public async IAsyncEnumerable<GenerationEvent> ReadAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int told = 0;
        int taken = PromptLength;
        while (true)
        {
            // Backwards: the end was written last, the progress of the prompt first.
            bool ended = _ended;
            int given = Volatile.Read(ref _given);
            int read = Volatile.Read(ref _read);
            cancellationToken.ThrowIfCancellationRequested();
            if (read > told)
                yield return new PromptRead(told = read, PromptLength, Cached);
            while (taken < given)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new GeneratedToken(_tokens[taken])
                {
                    Digest = DigestAt(taken - PromptLength),
                    Chance = _chances?[taken - PromptLength],
                };
                taken++;
            }
            if (ended)
                break;
            await _news.WaitAsync().ConfigureAwait(false);
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (_error is not null)
            ExceptionDispatchInfo.Throw(_error);
        yield return _end!;
    }

    /// <summary>Notes that <paramref name="count"/> pending tokens were computed.</summary>
    public void Advance(int count)
    {
        Computed += count;
        if (_read < PromptLength)
            Tell();
    }

    /// <summary>Takes the picked token; may end the sequence.</summary>
    /// <param name="id">Token id.</param>
    /// <param name="endsAnswer">Whether the model ends its answer with it.</param>
    public void Append(int id, bool endsAnswer)
    {
        _tokens[Length++] = id;
        Sampler.Accept(id);
        if (endsAnswer && !_ignoreEnd)
        {
            Finish(FinishReason.Stop);
            return;
        }
        Volatile.Write(ref _given, Length);
        if (Length - PromptLength >= _maxGenerated)
            Finish(FinishReason.Length);
        else
            _news.Set();
    }

    /// <summary>Ends the sequence with an error; the first ending counts.</summary>
    public void Fail(Exception error)
    {
        if (_ended)
            return;
        _error = error;
        End();
    }

    private string? DigestAt(int generated) => _digests is null ? null : FloatDigest.Text(_digests[generated]);

    private void Finish(FinishReason reason)
    {
        var usage = new TokenUsage(PromptLength, Length - PromptLength)
        {
            CachedTokens = Cached,
            PromptTime = _clock.GetElapsedTime(_started, _promptRead),
            CompletionTime = _clock.GetElapsedTime(_promptRead),
        };
        _end = new GenerationEnded(reason, usage)
        {
            Digest = _digest?.ToString(),
            EndToken = reason == FinishReason.Stop ? _tokens[Length - 1] : null,
        };
        End();
    }

    /// <summary>Tells the reader how much of the prompt is read: never less than before.</summary>
    private void Tell()
    {
        int read = Math.Min(Computed, PromptLength);
        if (read <= _read)
            return;
        if (read == PromptLength)
            _promptRead = _clock.GetTimestamp();
        Volatile.Write(ref _read, read);
        _news.Set();
    }

    private void End()
    {
        _ended = true;
        _news.Set();
    }
}
