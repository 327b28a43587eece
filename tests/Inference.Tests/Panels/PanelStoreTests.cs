using System.IO.Hashing;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;

namespace Causerie.Inference.Tests.Panels;

/// <summary>A kept file of several pieces is adopted when every byte of it is right, and only then.</summary>
public sealed class PanelStoreTests : IDisposable
{
    private const int Rows = 9000, Columns = 1024; // F32: three pieces

    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-panels-").FullName;
    private readonly WorkerPool _pool = new(2);
    private readonly string _model;
    private readonly PanelLimits _limits = new() { LeastBytes = 0, SpareBytes = 0, FreeBytes = _ => long.MaxValue };

    public PanelStoreTests()
    {
        _model = Path.Combine(_folder, "a model*[1]?é.gguf");
        var writer = new GgufWriter();
        float[] values = new float[Rows * Columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = i * 7919 % 10007;
        writer.AddTensor("big", [Columns, Rows], values);
        writer.AddTensor("small", [64, 3], values.AsSpan(5, 192).ToArray());
        using var stream = File.Create(_model);
        writer.WriteTo(stream);
    }

    private string Cache => Path.Combine(_folder, "cache", "panels");

    public void Dispose()
    {
        _pool.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_flipped_byte_of_any_piece_is_noticed_and_the_file_deleted()
    {
        string kept = Keep();
        string master = kept + ".master";
        File.Move(kept, master);
        long length = new FileInfo(master).Length;
        long start = length - (16L * ((Rows + 15) / 16) * Columns * 4) - 4096;
        const long Piece = PanelFile.PieceBytes;
        Assert.Equal(3, PanelFile.PiecesOf(length - start));
        foreach (long at in new[]
            {
                0, 9, start - 1, start, start + 1, start + (Piece / 2), start + Piece - 1, start + Piece,
                start + (2 * Piece) - 1, start + (2 * Piece), length - 4097, length - 4096, length - 1,
            })
        {
            File.Copy(master, kept);
            using (var handle = File.OpenHandle(kept, FileMode.Open, FileAccess.ReadWrite))
            {
                byte[] one = new byte[1];
                RandomAccess.Read(handle, one, at);
                one[0] ^= 1;
                RandomAccess.Write(handle, one, at);
            }

            Assert.False(Adopts(), $"byte {at} of {length}");
            Assert.False(File.Exists(kept));
        }

        foreach (long cut in new[] { 0, 1, 4095, start - 1, start, start + 1, start + Piece, length - 4096, length - 1, length + 1 })
        {
            File.Copy(master, kept);
            using (var stream = File.OpenWrite(kept))
                stream.SetLength(cut);
            Assert.False(Adopts(), $"{cut} of {length} bytes");
            Assert.False(File.Exists(kept));
        }

        File.WriteAllText(kept, "a shopping list");
        Assert.False(Adopts());
        File.Move(master, kept);
        Assert.True(Adopts());
        Assert.True(File.Exists(kept));
    }

    [Fact]
    public void The_kept_file_is_the_panels_and_its_name_is_plain()
    {
        using var file = Open(out var panels);
        using var memory = panels.Build(_pool, null, TestContext.Current.CancellationToken);
        var store = Store(file, panels);
        Assert.True(store.IsToKeep(out string? note));
        Assert.Null(note);
        Assert.Null(store.Keep(TestContext.Current.CancellationToken));
        string path = Assert.Single(Directory.GetFiles(Cache));
        Assert.Equal(store.FilePath, path);
        Assert.Matches(@"^a_model__1___-[0-9a-f]{8}-[0-9a-f]{16}\.panels$", Path.GetFileName(path));
        byte[] bytes = File.ReadAllBytes(path);
        Assert.Equal(
            XxHash3.HashToUInt64(panels.Slice(0, (int)panels.Bytes)),
            XxHash3.HashToUInt64(bytes.AsSpan((int)PanelFile.StartOf(panels))));
        Assert.False(store.IsToKeep(out note));
        Assert.Null(note);
    }

    [Fact]
    public void Names_fit_file_systems_whatever_the_model_is_called()
    {
        string path = Path.Combine(_folder, new string('語', 80) + ".gguf");
        File.Move(_model, path);
        using var file = GgufFile.Open(path);
        var (name, shared) = SourceKey.FileName(file, SourceKey.Of(file));
        Assert.StartsWith(shared, name, StringComparison.Ordinal);
        Assert.All(name, c => Assert.True(char.IsAscii(c)));
        Assert.InRange(name.Length, 90, 150);
    }

    [Fact]
    public void Stopped_it_leaves_nothing_behind()
    {
        using var file = Open(out var panels);
        using var memory = panels.Build(_pool, null, TestContext.Current.CancellationToken);
        var store = Store(file, panels);
        Assert.True(store.IsToKeep(out _));
        Assert.Null(store.Keep(new CancellationToken(canceled: true)));
        Assert.Empty(Directory.GetFiles(Cache));
    }

    [Fact]
    public void What_goes_wrong_while_writing_is_said()
    {
        using var file = Open(out var panels);
        var memory = panels.Build(_pool, null, TestContext.Current.CancellationToken);
        var store = Store(file, panels);
        Assert.True(store.IsToKeep(out _));
        memory.Dispose(); // Nobody does; but whatever happens, the thread that keeps must not end the process.
        Assert.Contains("not kept", store.Keep(CancellationToken.None), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Cache));
        Directory.Delete(Cache);
        Assert.Contains("not kept", store.Keep(CancellationToken.None), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kept_file_is_no_more_readable_than_the_model()
    {
        if (OperatingSystem.IsWindows())
            return; // It has lists of its own.
        File.SetUnixFileMode(_model, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite,
            File.GetUnixFileMode(Keep()) & ~UnixFileMode.GroupRead);
        File.SetUnixFileMode(_model, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.Delete(Cache, recursive: true);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Keep()));
        Directory.Delete(Cache, recursive: true);
        File.Move(_model, _model + ".blob");
        File.CreateSymbolicLink(_model, _model + ".blob");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Keep()));
        Assert.True(Adopts());
    }

    [Fact]
    public void The_progress_of_many_threads_only_grows()
    {
        Keep();
        using var file = Open(out var panels);
        var told = new List<double>();
        using var pool = new WorkerPool(3);
        using var kept = Store(file, panels).TryAdopt(pool, new Reports(told.Add));
        Assert.NotNull(kept);
        Assert.Equal([1 / 3.0, 2 / 3.0, 1], told);
    }

    [Fact]
    public void A_model_that_is_replaced_while_it_is_open_does_not_lend_its_name()
    {
        using var file = Open(out var panels);
        using var memory = panels.Build(_pool, null, TestContext.Current.CancellationToken);

        // A file of the same length and shapes takes its place, as a rename does.
        byte[] other = File.ReadAllBytes(_model);
        other[^1] ^= 1;
        File.WriteAllBytes(_model + ".new", other);
        File.Move(_model + ".new", _model, overwrite: true);
        var store = Store(file, panels);
        Assert.True(store.IsToKeep(out _));
        Assert.Null(store.Keep(TestContext.Current.CancellationToken));
        Assert.True(File.Exists(store.FilePath));
        Assert.False(Adopts());
    }

    private GgufFile Open(out WeightPanels panels)
    {
        var file = GgufFile.Open(_model);
        panels = WeightPanels.Of([file.Matrix("big", Rows, Columns), file.Matrix("small", 3, 64)]);
        return file;
    }

    private PanelStore Store(GgufFile file, WeightPanels panels) => new(KeptFile.Of(Cache, file), file.Path, panels, _limits);

    private string Keep()
    {
        using var file = Open(out var panels);
        using var memory = panels.Build(_pool, null, TestContext.Current.CancellationToken);
        var store = Store(file, panels);
        Assert.True(store.IsToKeep(out _));
        Assert.Null(store.Keep(TestContext.Current.CancellationToken));
        return store.FilePath;
    }

    private bool Adopts()
    {
        using var file = Open(out var panels);
        using var kept = Store(file, panels).TryAdopt(_pool, null);
        return kept is not null;
    }

    private sealed class Reports(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
