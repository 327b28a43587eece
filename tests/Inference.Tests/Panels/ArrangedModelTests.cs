using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;
using Causerie.Inference.Tests.Models;

namespace Causerie.Inference.Tests.Panels;

/// <summary>A model answers with the same bits however its weights came into memory, and whatever lies in the folder.</summary>
public sealed class ArrangedModelTests : IDisposable
{
    private static readonly int[] Tokens = [1, 5, 9, 40, 41, 17, 60, 3, 90];

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-arranged-").FullName;
    private readonly string _model;
    private readonly float[] _expected;

    public ArrangedModelTests()
    {
        _model = RandomModel.Llama().Write(_folder);
        _expected = Answer(new LoadOptions(), out _);
    }

    private string Cache => Path.Combine(_folder, "kept");

    private LoadOptions Keeping => new()
    {
        CacheFolder = Cache,
        Threads = 2,
        Limits = new PanelLimits { LeastBytes = 0, SpareBytes = 0, FreeBytes = _ => long.MaxValue },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_second_start_adopts_what_the_first_kept()
    {
        Assert.Equal(_expected, Answer(Keeping, out var stages));
        Assert.Contains(LoadStage.ArrangeWeights, stages);
        string kept = Kept();
        byte[] bytes = File.ReadAllBytes(kept);
        var written = File.GetLastWriteTimeUtc(kept);
        Assert.Equal(_expected, Answer(Keeping, out stages));
        Assert.DoesNotContain(LoadStage.ArrangeWeights, stages);
        Assert.Contains(LoadStage.ReadArranged, stages);
        Assert.Equal(bytes, File.ReadAllBytes(Kept()));
        Assert.Equal(written, File.GetLastWriteTimeUtc(kept));
    }

    [Fact]
    public void Small_weights_are_not_kept()
    {
        Assert.Equal(_expected, Answer(new LoadOptions { CacheFolder = Cache }, out _));
        Assert.False(Directory.Exists(Cache));
    }

    [Fact]
    public void A_damaged_file_is_made_anew()
    {
        Answer(Keeping, out _);
        string kept = Kept();
        byte[] good = File.ReadAllBytes(kept);
        List<byte[]> spoil = [[], good[..1], good[..4096], good[..^1], [.. good, 0], "not this"u8.ToArray()];
        foreach (int at in new[] { 0, 8, 60, 4095, 4096, (4096 + good.Length) / 2, good.Length - 1 })
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x40;
            spoil.Add(bad);
        }

        foreach (byte[] bad in spoil)
        {
            File.WriteAllBytes(kept, bad);
            Assert.Equal(_expected, Answer(Keeping, out var stages));
            Assert.Contains(LoadStage.ArrangeWeights, stages);
            Assert.Equal(kept, Kept());
            Assert.Equal(good, File.ReadAllBytes(kept));
        }
    }

    [Theory]
    [InlineData("time")]
    [InlineData("content")]
    [InlineData("length")]
    public void A_changed_model_is_arranged_anew_and_the_old_file_goes(string what)
    {
        Answer(Keeping, out _);
        string old = Kept();
        var changed = File.GetLastWriteTimeUtc(_model);
        byte[] bytes = File.ReadAllBytes(_model);
        if (what == "content")
            bytes[^3] ^= 1;
        File.WriteAllBytes(_model, what == "length" ? [.. bytes, 0] : bytes);
        File.SetLastWriteTimeUtc(_model, what == "time" ? changed.AddMilliseconds(1) : changed);
        float[] expected = Answer(new LoadOptions(), out _);
        Assert.Equal(what != "content", expected.SequenceEqual(_expected));
        Assert.Equal(expected, Answer(Keeping, out var stages));
        Assert.Contains(LoadStage.ArrangeWeights, stages);
        Assert.NotEqual(old, Kept());
    }

    [Fact]
    public void What_a_killed_writer_left_is_ignored_and_goes_when_it_is_old()
    {
        Directory.CreateDirectory(Cache);
        Answer(Keeping, out _);
        string kept = Kept();
        string young = $"{kept}.1{PanelStore.Unfinished}", old = $"{kept}.2{PanelStore.Unfinished}";
        string strange = Path.Combine(Cache, $"other-00000000-1.panels.3{PanelStore.Unfinished}");
        foreach (string path in new[] { young, old, strange })
            File.WriteAllText(path, "half a file");
        foreach (string path in new[] { old, strange })
            File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddHours(-2));
        Assert.Equal(_expected, Answer(Keeping, out _)); // adopts, and cleans all the same
        Assert.Equal(new[] { kept, young, strange }.Order(), Directory.GetFiles(Cache).Order());
        File.Delete(kept);
        File.WriteAllText(old, "half a file");
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(old).AddHours(-2));
        Assert.Equal(_expected, Answer(Keeping, out _));
        Assert.Equal(new[] { kept, young, strange }.Order(), Directory.GetFiles(Cache).Order());
    }

    [Fact]
    public void Many_starts_at_once_all_answer_and_leave_one_whole_file()
    {
        for (int round = 0; round < 5; round++)
        {
            var answers = new float[4][];
            var threads = answers.Select((_, i) => new Thread(() => answers[i] = Answer(Keeping, out List<LoadStage> _))).ToArray();
            foreach (var thread in threads)
                thread.Start();
            foreach (var thread in threads)
                thread.Join();
            Assert.All(answers, answer => Assert.Equal(_expected, answer));
            string kept = Kept();
            Assert.Equal(_expected, Answer(Keeping, out var stages));
            Assert.DoesNotContain(LoadStage.ArrangeWeights, stages);
            if (round % 2 == 0)
                File.Delete(kept);
            else
                File.WriteAllText(kept, "damaged");
        }
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said_and_nothing_else()
    {
        File.WriteAllText(Cache, "a file in its place");
        Says("not kept", Keeping);
        Says("not kept", Keeping with { CacheFolder = Path.Combine(Cache, "below") });
        Says("not kept", Keeping with { CacheFolder = "" });
        Says("not kept", Keeping with { CacheFolder = "nul\0" });
        if (OperatingSystem.IsLinux())
            Says("not kept", Keeping with { CacheFolder = "/proc/causerie" });
        Assert.Equal("a file in its place", File.ReadAllText(Cache));
    }

    [Fact]
    public void Something_else_under_the_name_is_said()
    {
        Answer(Keeping, out _);
        string kept = Kept();
        File.Delete(kept);
        Directory.CreateDirectory(kept);
        Says("not kept", Keeping);
        Assert.Equal([kept], Directory.GetFileSystemEntries(Cache));
    }

    [Fact]
    public void A_disk_that_is_nearly_full_is_said()
    {
        var limits = Keeping.Limits with { SpareBytes = 2_000_000_000, FreeBytes = _ => 2_000_000_001 };
        Says("only 2.0 GB free", Keeping with { Limits = limits });
        Says("gone", Keeping with { Limits = limits with { FreeBytes = _ => throw new DriveNotFoundException("gone") } });
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void Weights_beyond_the_memory_stay_in_the_models_file()
    {
        Says("exceed the memory", Keeping with { Limits = Keeping.Limits with { MemoryBytes = 1000 } });
        Assert.False(Directory.Exists(Cache));
        Answer(Keeping, out _);
        Assert.Equal(_expected, Answer(Keeping with { Limits = Keeping.Limits with { MemoryBytes = 1000 } }, out var stages));
        Assert.Contains(LoadStage.ReadArranged, stages);
    }

    [Fact]
    public void A_refused_vocabulary_is_told_as_ever_and_nothing_is_kept()
    {
        var model = RandomModel.Llama();
        model.Metadata["tokenizer.ggml.tokens"] = new[] { "<unk>", "<s>", "</s>" };
        model.Metadata["tokenizer.ggml.scores"] = new float[3];
        model.Metadata["tokenizer.ggml.token_type"] = new[] { 3, 3, 3 };
        string path = model.Write(_folder);
        var error = Assert.Throws<GgufException>(() => LoadedModel.Load(path, Keeping));
        Assert.Equal("tokenizer.ggml.tokens", error.Field);
        Assert.False(Directory.Exists(Cache));
        AssertUnmapped();
    }

    [Theory]
    [InlineData(LoadStage.ReadArranged)]
    [InlineData(LoadStage.ArrangeWeights)]
    [InlineData(LoadStage.PrepareVocabulary)]
    [InlineData(LoadStage.Ready)]
    public void A_failure_at_any_stage_leaks_nothing(LoadStage stage)
    {
        if (stage == LoadStage.ReadArranged)
            Answer(Keeping, out _);
        var progress = new Reports(told =>
        {
            if (told.Stage == stage)
                throw new InvalidOperationException($"{stage}");
        });
        Assert.Equal(
            $"{stage}", Assert.Throws<InvalidOperationException>(() => LoadedModel.Load(_model, Keeping, progress)).Message);
        AssertUnmapped();
        Assert.Equal(_expected, Answer(Keeping, out _));
    }

    [Fact]
    public void Keeping_can_be_stopped()
    {
        var model = LoadedModel.Load(_model, Keeping);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        model.WaitUntilKept(stop.Token);
        model.WaitUntilKept(stop.Token);
        model.Dispose();
        Assert.InRange(Directory.GetFiles(Cache).Length, 0, 1); // It may have been done by then.
        Assert.DoesNotContain(Directory.GetFiles(Cache), path => path.EndsWith(PanelStore.Unfinished, StringComparison.Ordinal));
    }

    private string Kept() => Assert.Single(Directory.GetFiles(Cache));

    private void Says(string what, LoadOptions options)
    {
        var model = LoadedModel.Load(_model, options);
        Assert.Equal(_expected, Logits(model));
        model.Dispose(); // waits for the note
        Assert.Contains(model.Notes, note => note.Contains(what, StringComparison.Ordinal));
    }

    private float[] Answer(LoadOptions options, out List<LoadStage> stages)
    {
        var told = new List<LoadProgress>();
        using var model = LoadedModel.Load(_model, options, new Reports(told.Add));
        stages = [.. told.Select(t => t.Stage)];
        Assert.Equal(told.Select(t => t.Fraction).Order(), told.Select(t => t.Fraction));
        Assert.Equal(0, told[0].Fraction);
        Assert.Equal(new LoadProgress(LoadStage.Ready, 1), told[^1]);
        Assert.DoesNotContain(model.Notes, note => note.Contains("kept", StringComparison.Ordinal));
        return Logits(model);
    }

    private static float[] Logits(LoadedModel model)
    {
        var all = new List<float>();
        model.Logits(Tokens, (_, logits) => all.AddRange(logits), threads: 1, TestContext.Current.CancellationToken);
        return [.. all];
    }

    /// <summary>No file of the folder is mapped any more.</summary>
    private void AssertUnmapped()
    {
        if (OperatingSystem.IsLinux())
            Assert.DoesNotContain(_folder, File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    private sealed class Reports(Action<LoadProgress> told) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => told(value);
    }
}
