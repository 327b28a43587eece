using Causerie.Chat;
using Causerie.Inference.KvCache;
using Causerie.Inference.Sampling;
using Causerie.Inference.Scheduling;
using Causerie.Tests;

namespace Causerie.Inference.Tests.Scheduling;

/// <summary>Who is in the next batch, and that nobody waits longer than they must.</summary>
public sealed class SchedulerTests : IDisposable
{
    private const int Context = 256;

    private readonly string _path = TinyModel.Write();
    private readonly LoadedModel _model;
    private readonly PagePool _pool = new(new KvShape(1, 1, 4, 4, KvElement.F16, Context), 40);

    public SchedulerTests() => _model = LoadedModel.Load(_path);

    [Fact]
    public void A_prompt_is_read_in_chunks_and_its_last_row_alone_has_logits()
    {
        var scheduler = Scheduler(chunk: 10);
        scheduler.Add(Sequence(prompt: 25));
        int[] rows = [.. Enumerable.Range(0, 3).Select(_ => Step(scheduler).Count)];
        Assert.Equal([10, 10, 5], rows);
        Assert.Equal([0], Peek(scheduler).LogitRows.ToArray()); // the first token of the answer
    }

    [Fact]
    public void Those_who_write_are_in_every_batch_and_prompts_take_the_rest()
    {
        var scheduler = Scheduler(chunk: 10, sequences: 3);
        scheduler.Add(Sequence(prompt: 4));
        Step(scheduler);
        scheduler.Add(Sequence(prompt: 8));
        scheduler.Add(Sequence(prompt: 8));
        var batch = Peek(scheduler);
        Assert.Equal([1, 8, 2], batch.Slices.ToArray().Select(slice => slice.Count));
        Assert.Equal([0, 8], batch.LogitRows.ToArray());
        Assert.Equal([4, 0, 0], batch.Slices.ToArray().Select(slice => slice.Position));
    }

    [Fact]
    public void No_batch_is_larger_than_the_chunk_and_one_token_of_everyone()
    {
        var scheduler = Scheduler(chunk: 16, sequences: 5);
        for (int i = 0; i < 40; i++)
            scheduler.Add(Sequence(prompt: 1 + (i * 37 % 90), maxTokens: 1 + (i % 7)));
        int tokens = 0;
        for (var batch = Step(scheduler); batch.Count > 0; batch = Step(scheduler))
        {
            Assert.InRange(batch.Count, 1, 16 + 5);
            Assert.InRange(batch.Slices.Length, 1, 5);
            Assert.Equal(batch.Slices.Length, batch.Slices.ToArray().Select(slice => slice.Kv).Distinct().Count());
            tokens += batch.Count;
            scheduler.Drop();
        }
        // Every prompt once, and every generated token but the last of each.
        Assert.Equal(Enumerable.Range(0, 40).Sum(i => 1 + (i * 37 % 90) + (i % 7)), tokens);
    }

    [Fact]
    public void The_first_to_come_is_the_first_to_run_and_a_place_is_given_on()
    {
        var scheduler = Scheduler(chunk: 10, sequences: 1);
        var first = Sequence(prompt: 3);
        var left = Sequence(prompt: 3);
        var last = Sequence(prompt: 3);
        foreach (var sequence in new[] { first, left, last })
            scheduler.Add(sequence);
        Assert.Same(first, Assert.Single(Step(scheduler).Slices.ToArray()).Sequence);
        int page = first.Kv.Pages[0];
        left.Cancel();
        first.Cancel();
        Assert.Equal(2, scheduler.Drop());
        var slice = Assert.Single(Step(scheduler).Slices.ToArray());
        Assert.Same(last, slice.Sequence);
        Assert.Equal(page, slice.Kv.Pages[0]);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _model.Dispose();
        File.Delete(_path);
    }

    private static Batch Peek(Scheduler scheduler) => scheduler.Next();

    private static Batch Step(Scheduler scheduler)
    {
        var batch = scheduler.Next();
        var picked = batch.Slices.ToArray().Select(slice => slice.Logits == WantedLogits.Last ? 7 : (int?)null).ToArray();
        scheduler.Commit(batch, picked, _ => false);
        return batch;
    }

    private Scheduler Scheduler(int chunk, int sequences = 2, bool prefixes = false) =>
        new(
            new EngineOptions
            {
                ChunkLength = chunk,
                SharedChunkLength = chunk,
                MaxSequences = sequences,
                KeepPrefixes = prefixes,
            },
            _pool);

    private Sequence Sequence(int prompt, int? maxTokens = null) => new(
        new GenerationRequest(new int[prompt]) { MaxTokens = maxTokens },
        Sampler.Create(SamplingOptions.Greedy, _model.SamplerDefaults, _model.Tokenizer, 1), new BlockTable(_pool),
        Context, TimeProvider.System);
}
