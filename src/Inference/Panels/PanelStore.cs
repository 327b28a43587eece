using System.IO.Hashing;
using Causerie.Compute.Memory;
using Causerie.Compute.Threading;

namespace Causerie.Inference.Panels;

/// <summary>A folder that keeps arranged weights, so that the next start maps them instead of making them.</summary>
/// <remarks>
/// A file appears under its name only when it is whole: it is written under another one, flushed and renamed, so that
/// neither a broken write nor two processes at once leave half a file. Every byte is checked against its hash before
/// use, which also brings the file into memory from front to back.
/// </remarks>
internal sealed class PanelStore
{
    /// <summary>What kept files are called.</summary>
    public const string Extension = ".panels";

    /// <summary>What files are called until they are whole.</summary>
    public const string Unfinished = ".part";

    private readonly KeptFile _kept;
    private readonly WeightPanels _panels;
    private readonly PanelLimits _limits;
    private readonly string _source;
    private bool _damaged;
    private string? _unreadable;

    /// <summary>A folder for one model.</summary>
    /// <param name="kept">Where; the folder is made where it is absent.</param>
    /// <param name="source">The model's path, for its rights.</param>
    /// <param name="panels">What the file should hold.</param>
    /// <param name="limits">What is kept.</param>
    public PanelStore(KeptFile kept, string source, WeightPanels panels, PanelLimits limits)
    {
        _kept = kept;
        _source = source;
        _panels = panels;
        _limits = limits;
    }

    /// <summary>Where the weights are kept.</summary>
    public string FilePath => _kept.FilePath;

    /// <summary>Reads the panels from their file if there is one; a damaged one is deleted.</summary>
    /// <param name="pool">Threads that check it.</param>
    /// <param name="progress">Told the part that is done, 0 to 1.</param>
    /// <returns>The mapped file that the weights are read from now, or null.</returns>
    public MappedFile? TryAdopt(WorkerPool pool, IProgress<double>? progress)
    {
        if (_panels.Bytes < _limits.LeastBytes || !File.Exists(FilePath))
            return null;
        MappedFile? file = null;
        try
        {
            file = MappedFile.Open(FilePath);
            if (IsWhole(file, pool, progress, out long start))
            {
                _panels.Adopt(file, start);
                Clean();
                return file;
            }

            _damaged = true;
            file.Dispose();
            File.Delete(FilePath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else deletes or replaces it at this moment, or it is another user's: as if it were not there.
            _unreadable = e.Message;
            file?.Dispose();
        }
        catch
        {
            file?.Dispose();
            throw;
        }

        return null;
    }

    /// <summary>Whether built panels should be kept now: they are not small, not kept already, and there is room.</summary>
    /// <param name="note">Why they are not kept, where the one who runs the model may want to know; else null.</param>
    public bool IsToKeep(out string? note)
    {
        note = null;
        if (_panels.Bytes < _limits.LeastBytes)
            return false;
        try
        {
            Directory.CreateDirectory(_kept.Folder);
            Clean();
            if (File.Exists(FilePath) && !_damaged)
            {
                note = _unreadable is null ? null : $"The arranged weights that are kept cannot be read: {_unreadable}";
                return false;
            }

            long free = _limits.FreeBytes(_kept.Folder);
            if (free - _limits.SpareBytes >= _panels.Bytes)
                return true;
            note = $"The arranged weights ({_panels.Bytes / 1e9:F1} GB) are not kept for the next start: "
                + $"{_kept.Folder} has only {free / 1e9:F1} GB free, of which {_limits.SpareBytes / 1e9:F1} GB stay free.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            note = NotKept(e);
        }

        return false;
    }

    /// <summary>Keeps built panels.</summary>
    /// <param name="cancellationToken">Leaves no file behind.</param>
    /// <returns>Why they are not kept; else null.</returns>
    public string? Keep(CancellationToken cancellationToken)
    {
        try
        {
            string unfinished = $"{FilePath}.{Guid.NewGuid():N}{Unfinished}";
            try
            {
                Write(unfinished, cancellationToken);
                File.Move(unfinished, FilePath, overwrite: true);
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
        catch (Exception e)
        {
            // Whatever it is: the model answers without a kept file, and this thread has no caller to tell.
            return NotKept(e);
        }
    }

    private static string NotKept(Exception e) => $"The arranged weights are not kept for the next start: {e.Message}";

    private bool IsWhole(MappedFile file, WorkerPool pool, IProgress<double>? progress, out long start)
    {
        start = PanelFile.StartOf(_panels);
        if (file.Length < start ||
            !PanelFile.TryRead(file.Slice(0, (int)start), file.Length, _panels, _kept.Key, out var head, out _))
            return false;
        long from = start;
        int wrong = 0, done = 0;
        Lock telling = new();
        pool.Run(head.Pieces.Count, piece =>
        {
            long offset = (long)piece * PanelFile.PieceBytes;
            int length = (int)Math.Min(PanelFile.PieceBytes, _panels.Bytes - offset);
            file.ThrowIfChanged();
            if (XxHash3.HashToUInt64(file.Slice(from + offset, length)) != head.Pieces[piece])
                Interlocked.Exchange(ref wrong, 1);
            lock (telling)
                progress?.Report((double)++done / head.Pieces.Count);
        });
        return wrong == 0;
    }

    private void Write(string path, CancellationToken cancellationToken)
    {
        ulong[] pieces = new ulong[PanelFile.PiecesOf(_panels.Bytes)];
        long start = PanelFile.StartOf(_panels);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            PreallocationSize = start + _panels.Bytes,
        };

        if (!OperatingSystem.IsWindows())
        {
            // Whoever may not read the model may not read its weights here. A path may be a link, whose rights are none.
            using var source = File.OpenHandle(_source);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
                | (File.GetUnixFileMode(source) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead));
        }

        using var stream = new FileStream(path, options);
        var handle = stream.SafeFileHandle;
        for (int piece = 0; piece < pieces.Length; piece++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long offset = (long)piece * PanelFile.PieceBytes;
            var bytes = _panels.Slice(offset, (int)Math.Min(PanelFile.PieceBytes, _panels.Bytes - offset));
            pieces[piece] = XxHash3.HashToUInt64(bytes);
            RandomAccess.Write(handle, bytes, start + offset);
        }

        RandomAccess.Write(handle, PanelFile.Write(_panels, _kept.Key, pieces), 0);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Deletes what older states of the model left, and what was never finished, as far as it can be.</summary>
    private void Clean()
    {
        try
        {
            foreach (string file in Directory.EnumerateFiles(_kept.Folder, $"{_kept.Shared}*"))
            {
                string found = Path.GetFileName(file);
                bool abandoned = found.EndsWith(Unfinished, StringComparison.Ordinal)
                    && TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(file) > TimeSpan.FromHours(1);
                bool outdated = found.EndsWith(Extension, StringComparison.Ordinal) && found != _kept.Name;
                if (abandoned || outdated)
                    File.Delete(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else cleans, or has it open where that forbids it: the next start tries again.
        }
    }
}
