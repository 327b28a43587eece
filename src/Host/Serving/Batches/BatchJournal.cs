using Causerie.Gateway.Dialects.OpenAi.Batches;

namespace Causerie.Host.Serving.Batches;

/// <summary>What a batch has answered so far: two files of lines, each line on the disk before the next is written.</summary>
/// <remarks>A process that is killed leaves at most one torn line behind, which is cut off when the journal is opened again.</remarks>
internal sealed class BatchJournal : IAsyncDisposable
{
    private const int LongestLine = int.MaxValue / 2;

    private readonly FileStream _outputs;
    private readonly FileStream _errors;
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _writing = new(1);

    private BatchJournal(FileStream outputs, FileStream errors) => (_outputs, _errors) = (outputs, errors);

    /// <summary>Requests that were answered.</summary>
    public int Completed { get; private set; }

    /// <summary>Requests that were refused, or failed.</summary>
    public int Failed { get; private set; }

    /// <summary>What the answers used.</summary>
    public BatchUsage Usage { get; private set; }

    /// <summary>Where the answers of a batch are kept while it runs.</summary>
    public static string Outputs(string folder, string batch) => Path.Combine(folder, $"{batch}.output.jsonl");

    /// <summary>Where its failures are.</summary>
    public static string Errors(string folder, string batch) => Path.Combine(folder, $"{batch}.error.jsonl");

    /// <summary>Opens the journal of a batch.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    public static async Task<BatchJournal> OpenAsync(string folder, string batch)
    {
        Directory.CreateDirectory(folder);
        var outputs = Open(Outputs(folder, batch));
        FileStream? errors = null;
        try
        {
            errors = Open(Errors(folder, batch));
            var journal = new BatchJournal(outputs, errors);
            journal.Completed = await journal.ReadAsync(outputs);
            journal.Failed = await journal.ReadAsync(errors);
            return journal;
        }
        catch
        {
            await outputs.DisposeAsync();
            if (errors is not null)
                await errors.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a request is done.</summary>
    public bool Holds(string customId) => _done.Contains(customId);

    /// <summary>Keeps what came of a request; it is on the disk when this returns.</summary>
    /// <param name="line">The line, with its end.</param>
    /// <param name="answered">Whether it is an answer, or a failure.</param>
    /// <param name="usage">What the answer used.</param>
    public Task AddAsync(byte[] line, bool answered, BatchUsage usage) => AddAsync(line, answered, usage, durable: true);

    /// <summary>Keeps that a request was not answered; what is lost of it is written again.</summary>
    public Task LeaveAsync(byte[] line) => AddAsync(line, answered: false, default, durable: false);

    private async Task AddAsync(byte[] line, bool answered, BatchUsage usage, bool durable)
    {
        await _writing.WaitAsync();
        try
        {
            var file = answered ? _outputs : _errors;
            await file.WriteAsync(line);
            if (durable)
                file.Flush(flushToDisk: true);
            if (answered)
                Completed++;
            else
                Failed++;
            Usage += usage;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _errors.Flush(flushToDisk: true);
        await _outputs.DisposeAsync();
        await _errors.DisposeAsync();
        _writing.Dispose();
    }

    // Unbuffered: what was written is with the system at once.
    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        BufferSize = 0,
        Options = FileOptions.Asynchronous,
    });

    private async Task<int> ReadAsync(FileStream file)
    {
        int lines = 0;
        long whole = 0;
        await foreach (var line in JsonLines.ReadAsync(file, LongestLine, CancellationToken.None))
        {
            if (!line.Whole || BatchOutput.Read(line.Bytes) is not { } output)
                break;
            _done.Add(output.CustomId);
            Usage += output.Usage;
            whole = line.Next;
            lines++;
        }

        file.SetLength(whole);
        file.Seek(0, SeekOrigin.End);
        return lines;
    }
}
