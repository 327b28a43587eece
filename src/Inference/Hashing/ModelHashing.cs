using System.Collections.Immutable;
using Causerie.Chat;
using Causerie.Inference.Gguf;
using Causerie.Inference.Panels;

namespace Causerie.Inference.Hashing;

/// <summary>Learns the SHA-256 of a model's files while the model answers already, once for each state of the files.</summary>
/// <remarks>
/// Where arranged weights are kept, the hashes are kept beside them under the same key, which knows files by their
/// lengths, times of change and samples: see <see cref="SourceKey"/> for the one change that it cannot see.
/// </remarks>
internal sealed class ModelHashing : IDisposable
{
    private const string Extension = ".sha256";

    private readonly TaskCompletionSource<ImmutableArray<ModelFileHash>> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly CancellationTokenSource _stop = new();
    private readonly (string Path, long Length, DateTime Changed)[] _files;
    private readonly KeptFile? _kept;
    private int _started;

    /// <summary>Nothing is read yet.</summary>
    /// <param name="model">The files as they were opened.</param>
    /// <param name="kept">Where arranged weights are kept; null keeps no hashes either.</param>
    public ModelHashing(GgufFile model, KeptFile? kept)
    {
        _files = [.. model.Files.Select(file => (file.Path, file.Length, file.Changed))];
        _kept = kept;
    }

    /// <summary>The hashes, in the files' order. Fails with an <see cref="IOException"/> where a file is not what it was.</summary>
    public Task<ImmutableArray<ModelFileHash>> Done => _done.Task;

    /// <summary>Starts, unless it has: at once where the hashes are kept, else on a thread behind all others.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
            return;
        if (Kept() is { } kept)
        {
            _done.SetResult(kept);
            return;
        }

        new Thread(Read) { Name = "Hash of a model", IsBackground = true, Priority = ThreadPriority.Lowest }.Start();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _done.TrySetCanceled(_stop.Token);
        // The failure of what nobody waits for is nobody's.
        _ = _done.Task.Exception;
    }

    private void Read()
    {
        try
        {
            var hashes = ImmutableArray.CreateBuilder<ModelFileHash>(_files.Length);
            foreach (var file in _files)
            {
                var hash = FileHash.Of(file.Path, null, _stop.Token);
                if (hash.Size != file.Length || File.GetLastWriteTimeUtc(file.Path) != file.Changed)
                    throw new IOException($"{file.Path} is not the file that was opened: it was replaced or changed.");
                hashes.Add(hash);
            }

            var all = hashes.MoveToImmutable();
            Keep(all);
            _done.TrySetResult(all);
        }
        catch (OperationCanceledException)
        {
            _done.TrySetCanceled(_stop.Token);
        }
        catch (Exception e)
        {
            _done.TrySetException(e);
        }
    }

    private string FilePath => _kept!.FilePath + Extension;

    private ImmutableArray<ModelFileHash>? Kept()
    {
        if (_kept is null)
            return null;
        try
        {
            string[] lines = File.ReadAllLines(FilePath);
            bool whole = lines.Length == _files.Length
                && lines.All(line => line.Length == 64 && line.All(char.IsAsciiHexDigitLower));
            return whole ? [.. lines.Select((line, i) => new ModelFileHash(_files[i].Length, line))] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Keep(ImmutableArray<ModelFileHash> hashes)
    {
        if (_kept is null)
            return;
        try
        {
            Directory.CreateDirectory(_kept.Folder);
            string unfinished = $"{FilePath}.{Guid.NewGuid():N}{PanelStore.Unfinished}";
            File.WriteAllLines(unfinished, hashes.Select(hash => hash.Sha256));
            File.Move(unfinished, FilePath, overwrite: true);
            foreach (string other in Directory.EnumerateFiles(_kept.Folder, $"{_kept.Shared}*{Extension}"))
            {
                if (Path.GetFullPath(other) != Path.GetFullPath(FilePath))
                    File.Delete(other);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start computes them again; nothing is lost but that time.
        }
    }
}
