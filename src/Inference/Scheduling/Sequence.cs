using System.Threading.Channels;
using Causerie.Chat;
using Causerie.Inference.KvCache;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Scheduling;

/// <summary>One request on its way through the engine: its tokens, how far they are computed, and who listens.</summary>
/// <remarks>The engine's thread owns it, but for <see cref="Cancel"/> and the reading end of its channel.</remarks>
internal sealed class Sequence
{
    private readonly Channel<GenerationEvent> _events = Channel.CreateUnbounded<GenerationEvent>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly TimeProvider _clock;
    private readonly int _maxGenerated;
    private readonly bool _ignoreEnd;
    private int[] _tokens; // [≥ Length] prompt, then what was generated
    private volatile bool _cancelled;
    private bool _ended;
    private long _started;
    private long _promptRead;

    public Sequence(GenerationRequest request, Sampler sampler, int contextLength, TimeProvider clock)
    {
        _tokens = request.Prompt.AsSpan().ToArray();
        _clock = clock;
        _ignoreEnd = request.IgnoreEnd;
        Length = PromptLength = _tokens.Length;
        Sampler = sampler;
        _maxGenerated = Math.Min(request.MaxTokens ?? int.MaxValue, contextLength - PromptLength);
    }

    public ChannelReader<GenerationEvent> Events => _events.Reader;

    public Sampler Sampler { get; }

    public int PromptLength { get; }

    /// <summary>Tokens so far, prompt and answer.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    public int Computed { get; private set; }

    /// <summary>The cache, while the sequence runs.</summary>
    public SequenceKv? Kv { get; private set; }

    public bool Cancelled => _cancelled;

    public bool Ended => _ended;

    /// <summary>Whether all but the newest token are computed, so that one step gives the next.</summary>
    public bool Decoding => Length > PromptLength;

    /// <summary>The tokens that wait to be computed.</summary>
    public ReadOnlySpan<int> Pending => _tokens.AsSpan(Computed, Length - Computed);

    public void Start(SequenceKv kv)
    {
        Kv = kv;
        _started = _clock.GetTimestamp();
    }

    /// <summary>Asks the engine to stop; from any thread.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>Notes that <paramref name="count"/> pending tokens were computed.</summary>
    public void Advance(int count)
    {
        Computed += count;
        if (Computed > PromptLength)
            return;
        if (Computed == PromptLength)
            _promptRead = _clock.GetTimestamp();
        _events.Writer.TryWrite(new PromptRead(Computed, PromptLength));
    }

    /// <summary>Takes the picked token; may end the sequence.</summary>
    /// <param name="id">Token id.</param>
    /// <param name="endsAnswer">Whether the model ends its answer with it.</param>
    public void Append(int id, bool endsAnswer)
    {
        if (Length == _tokens.Length)
            Array.Resize(ref _tokens, 2 * Length);
        _tokens[Length++] = id;
        Sampler.Accept(id);
        if (endsAnswer && !_ignoreEnd)
        {
            Finish(FinishReason.Stop);
            return;
        }
        _events.Writer.TryWrite(new GeneratedToken(id));
        if (Length - PromptLength >= _maxGenerated)
            Finish(FinishReason.Length);
    }

    /// <summary>Ends the sequence with an error; the first ending counts.</summary>
    public void Fail(Exception error)
    {
        _ended = true;
        _events.Writer.TryComplete(error);
    }

    /// <summary>Gives the cache back; the sequence runs no more.</summary>
    public SequenceKv Release()
    {
        var kv = Kv ?? throw new InvalidOperationException("The sequence has no cache.");
        Kv = null;
        return kv;
    }

    private void Finish(FinishReason reason)
    {
        var usage = new TokenUsage(PromptLength, Length - PromptLength)
        {
            PromptTime = _clock.GetElapsedTime(_started, _promptRead),
            CompletionTime = _clock.GetElapsedTime(_promptRead),
        };
        _ended = true;
        _events.Writer.TryWrite(new GenerationEnded(reason, usage));
        _events.Writer.TryComplete();
    }
}
