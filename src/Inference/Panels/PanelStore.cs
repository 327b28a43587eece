using System.IO.Hashing;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;
using Causerie.Inference.Gguf;

namespace Causerie.Inference.Panels;

/// <summary>A folder that keeps arranged weights, so that the next start maps them instead of making them.</summary>
/// <remarks>
/// A file appears under its name only when it is whole: it is written under another one, flushed and renamed, so that
/// neither a broken write nor two processes at once leave half a file. Every byte is checked against its hash before
/// use, which also brings the file into memory from front to back.
/// </remarks>
/// <param name="folder">Made where it is absent.</param>
internal sealed class PanelStore(string folder)
{
    /// <summary>What kept files are called.</summary>
    public const string Extension = ".panels";

    private const string Unfinished = ".part";

    /// <summary>Weights below this are arranged faster than it is worth keeping them.</summary>
    private const long LeastBytes = 64 << 20;

    /// <summary>What must stay free on the disk.</summary>
    private const long SpareBytes = 2L << 30;

    /// <summary>Reads the panels from their file if there is one; a damaged one is deleted.</summary>
    /// <param name="model">Whose weights.</param>
    /// <param name="panels">What the file should hold.</param>
    /// <param name="pool">Threads that check it.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <returns>The mapped file that the weights are read from now, or null.</returns>
    public MappedFile? TryAdopt(GgufFile model, WeightPanels panels, WorkerPool pool, IProgress<double>? progress)
    {
        if (panels.Bytes < LeastBytes)
            return null;
        byte[] key = SourceKey.Of(model);
        string path = Path.Combine(folder, SourceKey.FileName(model, key).Name);
        if (!File.Exists(path))
            return null;
        try
        {
            var file = MappedFile.Open(path);
            if (IsWhole(file, panels, key, pool, progress, out long start))
            {
                panels.Adopt(file, start);
                return file;
            }

            file.Dispose();
            File.Delete(path);
        }
        catch (IOException)
        {
            // Somebody else deletes or replaces it at this moment: as if it were not there.
        }
        catch (UnauthorizedAccessException)
        {
        }

        return null;
    }

    /// <summary>Keeps built panels, unless they are small, kept already, or the disk is nearly full.</summary>
    /// <param name="model">Whose weights.</param>
    /// <param name="panels">They are built, and stay until the end.</param>
    /// <param name="cancellationToken">Leaves no file behind.</param>
    /// <returns>Why they are not kept, where the one who runs the model may want to know; else null.</returns>
    public string? Keep(GgufFile model, WeightPanels panels, CancellationToken cancellationToken)
    {
        if (panels.Bytes < LeastBytes)
            return null;
        try
        {
            Directory.CreateDirectory(folder);
            byte[] key = SourceKey.Of(model);
            var (name, shared) = SourceKey.FileName(model, key);
            string path = Path.Combine(folder, name);
            Clean(shared, name);
            if (File.Exists(path))
                return null;
            long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
            if (free - SpareBytes < panels.Bytes)
                return $"The arranged weights ({panels.Bytes / 1e9:F1} GB) are not kept for the next start: "
                    + $"{folder} has only {free / 1e9:F1} GB free.";
            string unfinished = $"{path}.{Guid.NewGuid():N}{Unfinished}";
            try
            {
                Write(unfinished, panels, key, cancellationToken);
                File.Move(unfinished, path, overwrite: true);
            }
            finally
            {
                File.Delete(unfinished);
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"The arranged weights are not kept for the next start: {e.Message}";
        }
    }

    private static bool IsWhole(
        MappedFile file, WeightPanels panels, byte[] key, WorkerPool pool, IProgress<double>? progress, out long start)
    {
        start = PanelFile.StartOf(panels);
        if (file.Length < start ||
            !PanelFile.TryRead(file.Slice(0, (int)start), file.Length, panels, key, out var head, out _))
            return false;
        long from = start;
        int wrong = 0, done = 0;
        file.WillNeed(from, panels.Bytes);
        pool.Run(head.Pieces.Count, piece =>
        {
            long offset = (long)piece * PanelFile.PieceBytes;
            int length = (int)Math.Min(PanelFile.PieceBytes, panels.Bytes - offset);
            if (XxHash3.HashToUInt64(file.Slice(from + offset, length)) != head.Pieces[piece])
                Interlocked.Exchange(ref wrong, 1);
            progress?.Report((double)Interlocked.Increment(ref done) / head.Pieces.Count);
        });
        return wrong == 0;
    }

    private static void Write(string path, WeightPanels panels, byte[] key, CancellationToken cancellationToken)
    {
        ulong[] pieces = new ulong[PanelFile.PiecesOf(panels.Bytes)];
        long start = PanelFile.StartOf(panels);
        using var handle = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, start + panels.Bytes);
        for (int piece = 0; piece < pieces.Length; piece++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long offset = (long)piece * PanelFile.PieceBytes;
            var bytes = panels.Slice(offset, (int)Math.Min(PanelFile.PieceBytes, panels.Bytes - offset));
            pieces[piece] = XxHash3.HashToUInt64(bytes);
            RandomAccess.Write(handle, bytes, start + offset);
        }

        RandomAccess.Write(handle, PanelFile.Write(panels, key, pieces), 0);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Deletes what older states of the model left, and what was never finished.</summary>
    private void Clean(string shared, string name)
    {
        foreach (string file in Directory.EnumerateFiles(folder, $"{shared}*"))
        {
            string found = Path.GetFileName(file);
            bool abandoned = found.EndsWith(Unfinished, StringComparison.Ordinal)
                && TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > TimeSpan.FromHours(1);
            bool outdated = found.EndsWith(Extension, StringComparison.Ordinal) && found != name;
            if (abandoned || outdated)
                File.Delete(file);
        }
    }
}
