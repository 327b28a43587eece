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

    [Fact]
    public void The_patient_start_when_nobody_else_waits()
    {
        var scheduler = Scheduler(chunk: 100, sequences: 2);
        Sequence[] all = [.. new[] { true, true, false, false }.Select(patient => Sequence(prompt: 3, patient: patient))];
        foreach (var sequence in all)
            scheduler.Add(sequence);
        Assert.Equal([all[2], all[3]], Step(scheduler).Slices.ToArray().Select(slice => slice.Sequence));
        all[2].Cancel();
        scheduler.Drop();
        Assert.Equal([all[3], all[0]], Step(scheduler).Slices.ToArray().Select(slice => slice.Sequence));
        var late = Sequence(prompt: 3);
        scheduler.Add(late);
        all[3].Cancel();
        scheduler.Drop();
        Assert.Equal([all[0], late], Step(scheduler).Slices.ToArray().Select(slice => slice.Sequence));
    }

    [Fact]
    public void What_was_met_before_is_guessed_and_right_guesses_save_steps()
    {
        var scheduler = Scheduler(chunk: 100, speculate: true);
        var sequence = Sequence(prompt: 20, maxTokens: 30); // of one token that the answer has too
        scheduler.Add(sequence);
        int steps = 0;
        for (; !sequence.Ended; steps++)
        {
            var batch = scheduler.Next();
            Assert.InRange(batch.Count, 1, 20);
            scheduler.Commit(batch, (_, _) => 0, _ => false);
        }

        Assert.Equal(50, sequence.Length);
        Assert.InRange(steps, 1, 8);
        Assert.True(scheduler.Right > 20);
    }

    [Fact]
    public void Wrong_guesses_cost_ever_fewer_rows_and_no_token()
    {
        var scheduler = Scheduler(chunk: 100, speculate: true);
        var sequence = Sequence(prompt: 20, maxTokens: 200);
        scheduler.Add(sequence);
        int rows = 0, next = 0;
        int[] repeated = [3, 4, 5]; // followed by another number each time
        for (; !sequence.Ended; scheduler.Commit(
            scheduler.Next(), (_, _) => next++ % 4 is var i && i < 3 ? repeated[i] : 100 + next, _ => false))
            rows++;
        Assert.Equal(220, sequence.Length);
        Assert.Equal(0, scheduler.Right);
        Assert.InRange(scheduler.Guessed, 1, 30);
    }

    [Fact]
    public void With_many_writers_nothing_is_guessed()
    {
        var scheduler = Scheduler(chunk: 1000, sequences: 8, speculate: true);
        for (int i = 0; i < 8; i++)
            scheduler.Add(Sequence(prompt: 20, maxTokens: 30));
        while (scheduler.Next() is { Count: > 0 } batch)
        {
            scheduler.Commit(batch, (_, _) => 0, _ => false);
            scheduler.Drop();
        }

        Assert.Equal(0, scheduler.Guessed);
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
        scheduler.Commit(batch, (_, _) => 7, _ => false);
        return batch;
    }

    private Scheduler Scheduler(int chunk, int sequences = 2, bool prefixes = false, bool speculate = false) =>
        new(
            new EngineOptions
            {
                ChunkLength = chunk,
                SharedChunkLength = chunk,
                MaxSequences = sequences,
                KeepPrefixes = prefixes,
                Speculate = speculate,
            },
            _pool);

    private Sequence Sequence(int prompt, int? maxTokens = null, bool patient = false) => new(
        new GenerationRequest(new int[prompt]) { MaxTokens = maxTokens, IsPatient = patient },
        Sampler.Create(SamplingOptions.Greedy, _model.SamplerDefaults, _model.Tokenizer, 1), new BlockTable(_pool),
        Context, TimeProvider.System);
}
