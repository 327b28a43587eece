using Causerie.Chat;
using Causerie.Compute.Threading;
using Causerie.Inference.KvCache;
using Causerie.Inference.Models;
using Causerie.Inference.Sampling;

namespace Causerie.Inference.Scheduling;

/// <summary>A smaller model with the same vocabulary, that guesses what a larger one writes (Leviathan et al., 2023).</summary>
/// <remarks>It belongs to the engine's thread, and reads the sequences in pages of its own.</remarks>
internal sealed class DraftModel : IDisposable
{
    /// <summary>Sequences whose whole context there is room for; only few writers are worth guessing for.</summary>
    private const int Contexts = 4;

    private readonly LoadedModel _model;
    private readonly int _chunk;
    private readonly PagePool _pages;
    private readonly RunState _state;
    private readonly Sampler _greedy;
    private readonly Batch _batch = new();
    private readonly int[] _last = new int[1];

    /// <summary>A draft model for an engine.</summary>
    /// <param name="model">The model; it must outlive this.</param>
    /// <param name="chunk">Tokens that it reads in one pass at most, to catch up with a sequence.</param>
    /// <param name="threads">The engine's threads.</param>
    public DraftModel(LoadedModel model, int chunk, WorkerPool threads)
    {
        _model = model;
        _chunk = chunk;
        _pages = new PagePool(model.KvShape, model.KvShape.MaxPages * Contexts);
        _state = model.Forward.NewState(threads);
        _greedy = Sampler.Create(SamplingOptions.Greedy, model.SamplerDefaults, model.Tokenizer, 0);
    }

    /// <summary>Checks that one model's tokens are another's.</summary>
    /// <exception cref="DraftException">They are not; the message names the first that differs.</exception>
    public static void Check(LoadedModel draft, LoadedModel model)
    {
        if (draft.Parameters.Bidirectional)
            throw new DraftException($"The draft model '{draft.Card.Id}' is an encoder, which writes nothing.");
        int own = draft.Parameters.VocabularySize, count = model.Parameters.VocabularySize;
        if (own != count)
            throw new DraftException($"The draft model '{draft.Card.Id}' has {own} tokens, '{model.Card.Id}' has {count}.");
        for (int id = 0; id < count; id++)
            if (!draft.Tokenizer.Bytes(id, showSpecial: true).SequenceEqual(model.Tokenizer.Bytes(id, showSpecial: true)))
                throw new DraftException(
                    $"Token {id} of the draft model '{draft.Card.Id}' is another than that of '{model.Card.Id}'.");
    }

    /// <summary>Guesses for sequences that want it and have no guess yet.</summary>
    public void Guess(IReadOnlyList<Sequence> writers)
    {
        _model.CheckFiles();
        _batch.Clear();
        int room = _chunk;
        for (int i = 0; i < writers.Count; i++)
            room -= CatchUp(writers[i], room);
        Run();
        for (int n = 1; n < Drafting.Rows; n++)
        {
            _batch.Clear();
            for (int i = 0; i < writers.Count; i++)
            {
                var drafting = writers[i].Drafting;
                if (drafting.Count != n || drafting.Wanted <= n || drafting.Computed < writers[i].Length)
                    continue;
                _last[0] = drafting.Tokens[^1];
                _batch.Add(drafting.Kv!, _last, drafting.Computed, WantedLogits.Last, writers[i]);
            }

            if (!Run())
                return;
        }
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => _pages.Dispose();

    /// <summary>Puts what the draft model has not read of a sequence into the batch.</summary>
    /// <returns>Tokens.</returns>
    private int CatchUp(Sequence sequence, int room)
    {
        var drafting = sequence.Drafting;
        if (drafting.Wanted == 0 || drafting.Count > 0 || sequence.Length + drafting.Wanted > _model.ContextLength)
            return 0;
        int missing = sequence.Length - drafting.Computed, count = Math.Min(missing, room);
        if (count == 0)
            return 0;
        drafting.Kv ??= new BlockTable(_pages);
        if (!drafting.Kv.TryReserve(drafting.Computed + count + drafting.Wanted))
        {
            drafting.Release();
            return 0;
        }

        _batch.Add(
            drafting.Kv, sequence.Tokens.Slice(drafting.Computed, count), drafting.Computed,
            count == missing ? WantedLogits.Last : WantedLogits.None, sequence);
        return count;
    }

    private bool Run()
    {
        if (_batch.Count == 0)
            return false;
        _model.Forward.Run(_state, _batch);
        int row = 0, width = _model.Parameters.VocabularySize;
        foreach (ref readonly var slice in _batch.Slices)
        {
            var drafting = slice.Sequence!.Drafting;
            drafting.Computed += slice.Count;
            if (slice.LogitCount > 0)
                drafting.Add(_greedy.Pick(_state.Logits.AsSpan(row++ * width, width)));
        }

        return true;
    }
}
