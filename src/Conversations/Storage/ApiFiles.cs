using System.Security.Cryptography;

namespace Causerie.Conversations.Storage;

/// <summary>The files that callers keep: bytes in a folder, the rest in <see cref="ApiObjects"/>. Those past their expiry disappear.</summary>
public sealed class ApiFiles : IDisposable
{
    private const string Unfinished = ".part";

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly ApiObjects _objects;
    private readonly string _folder;
    private readonly bool _isTemporary;
    private readonly TimeProvider _clock;
    private readonly ITimer _sweeping;

    private ApiFiles(ApiObjects objects, string folder, bool isTemporary, TimeProvider clock)
    {
        _objects = objects;
        _folder = folder;
        _isTemporary = isTemporary;
        _clock = clock;
        _sweeping = clock.CreateTimer(_ => SweepInTime(), null, SweepEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Opens the store, and clears away what a process that was killed left behind.</summary>
    /// <param name="objects">Keeps what is known of the files.</param>
    /// <param name="folder">Keeps their bytes; null keeps them in a temporary folder, for as long as this lives.</param>
    /// <param name="clock">Tells what has expired.</param>
    /// <exception cref="StorageException">The folder cannot be used.</exception>
    public static ApiFiles Open(ApiObjects objects, string? folder, TimeProvider clock)
    {
        try
        {
            string path = folder is null ? Directory.CreateTempSubdirectory("causerie-files-").FullName : Directory.CreateDirectory(folder).FullName;
            var files = new ApiFiles(objects, path, folder is null, clock);
            files.Clear();
            files.Sweep();
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The files of the API cannot be kept in {folder ?? "a temporary folder"}: {e.Message}", e);
        }
    }

    /// <summary>A new name of a file.</summary>
    public static string NewId() => $"file-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>Begins a file. What is written to it is gone again unless it is kept.</summary>
    /// <exception cref="IOException">The disk is full or gone.</exception>
    public NewFile Begin() => new(this, NewId());

    /// <summary>A file; null where the owner has none of that name, or it has expired.</summary>
    public ApiFile? Find(string id, string owner) =>
        _objects.Find(ApiFile.Kind, id, owner) is { } kept && ApiFile.From(kept) is var file && !IsOver(file) ? file : null;

    /// <summary>The owner's files, by when they were kept.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="after">Only those behind the one of this name; null begins at the first.</param>
    /// <param name="ascending">Oldest first; else newest.</param>
    public IEnumerable<ApiFile> Walk(string owner, string? after, bool ascending) =>
        _objects.Walk(ApiFile.Kind, owner, after, ascending).Select(ApiFile.From).Where(file => !IsOver(file));

    /// <summary>Opens a file's bytes; null where they are gone.</summary>
    public FileStream? Read(ApiFile file)
    {
        try
        {
            return new FileStream(PathOf(file.Id), new FileStreamOptions
            {
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Keeps a file that something else wrote, which is moved here. Doing it again changes nothing.</summary>
    /// <param name="path">The file; may be missing where it was moved before.</param>
    /// <param name="file">What is known of it; its length is that of the file.</param>
    public ApiFile Adopt(string path, ApiFile file)
    {
        var source = new FileInfo(path);
        if (Find(file.Id, file.Owner) is not { } kept)
            _objects.Put((kept = file with { Bytes = source.Length }).ToObject());
        // Known first: bytes that nobody knows are cleared away at the next start.
        if (source.Exists)
            File.Move(path, PathOf(file.Id), overwrite: true);
        return kept;
    }

    /// <summary>Forgets a file and its bytes.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Delete(string id, string owner)
    {
        if (Find(id, owner) is null || !_objects.Delete(ApiFile.Kind, id, owner))
            return false;
        File.Delete(PathOf(id));
        return true;
    }

    /// <summary>Deletes what has expired.</summary>
    public void Sweep()
    {
        foreach (var over in _objects.Expired(ApiFile.Kind, _clock.GetUtcNow()))
        {
            _objects.Delete(ApiFile.Kind, over.Id, over.Owner);
            File.Delete(PathOf(over.Id));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweeping.Dispose();
        if (_isTemporary && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private string PathOf(string id) => Path.Combine(_folder, id);

    private bool IsOver(ApiFile file) => file.Expires <= _clock.GetUtcNow();

    private void Clear()
    {
        var known = _objects.OfAll(ApiFile.Kind).Select(one => one.Id).ToHashSet(StringComparer.Ordinal);
        foreach (string path in Directory.EnumerateFiles(_folder, "file-*"))
        {
            if (!known.Contains(Path.GetFileName(path)))
                File.Delete(path);
        }
    }

    private void SweepInTime()
    {
        try
        {
            Sweep();
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException)
        {
            // The disk is full or gone. Nobody finds what has expired; it is deleted the next time that it can be.
        }

        _sweeping.Change(SweepEvery, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A file that is being written.</summary>
    public sealed class NewFile : IAsyncDisposable
    {
        private readonly ApiFiles _files;
        private readonly string _path;

        internal NewFile(ApiFiles files, string id)
        {
            _files = files;
            Id = id;
            _path = files.PathOf(id) + Unfinished;
            Stream = new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
            });
        }

        /// <summary>Its name.</summary>
        public string Id { get; }

        /// <summary>Takes its bytes.</summary>
        public FileStream Stream { get; }

        /// <summary>Keeps it: it is on the disk when this returns.</summary>
        /// <param name="owner">Whose it is.</param>
        /// <param name="name">What its owner calls it.</param>
        /// <param name="purpose">What it is for.</param>
        /// <param name="lifetime">How long it is kept; null keeps it until it is deleted.</param>
        public async Task<ApiFile> KeepAsync(string owner, string name, string purpose, TimeSpan? lifetime)
        {
            var now = DateTimeOffset.FromUnixTimeSeconds(_files._clock.GetUtcNow().ToUnixTimeSeconds());
            var file = new ApiFile(Id, owner, name, purpose, Stream.Length, now, now + lifetime);
            Stream.Flush(flushToDisk: true);
            await Stream.DisposeAsync();
            return _files.Adopt(_path, file);
        }

        /// <inheritdoc/>
        public async ValueTask DisposeAsync()
        {
            await Stream.DisposeAsync();
            File.Delete(_path);
        }
    }
}
