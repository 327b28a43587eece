using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Causerie.Host.Models;

/// <summary>Fetches one file of a hub: resumes, outlives cut connections, verifies, then renames.</summary>
/// <remarks>A file under its final name is always whole and verified; anything else is in <c>NAME.part</c>.</remarks>
public sealed class Download(
    HubClient hub, HubOptions options, TimeProvider time, string repository, HubFile file, string destination)
{
    private const int BufferBytes = 1 << 20;

    private readonly string _part = destination + ".part";

    /// <summary>Bytes still to come, as far as the disk tells.</summary>
    public long Missing =>
        IsComplete ? 0 : Math.Max(0, file.Size - (File.Exists(_part) ? new FileInfo(_part).Length : 0));

    /// <summary>Whether the file is there with the hub's size.</summary>
    public bool IsComplete => File.Exists(destination) && new FileInfo(destination).Length == file.Size;

    /// <summary>Fetches the file, unless it is there already.</summary>
    /// <param name="report">Told of every step.</param>
    /// <param name="cancellationToken">Stops it; what came so far is kept for the next time.</param>
    /// <exception cref="HubException">The hub refuses, or keeps failing.</exception>
    /// <exception cref="InvalidDataException">The bytes do not have the hub's SHA-256; they were deleted.</exception>
    public async Task RunAsync(IProgress<DownloadProgress> report, CancellationToken cancellationToken)
    {
        if (IsComplete)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(destination)!);
        string actual;
        // Nobody else may write the part meanwhile; the caller's lock keeps other pulls away, this one strangers.
        await using (var part = new FileStream(
            _part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.Asynchronous))
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await CatchUpAsync(part, hash, report, cancellationToken);
            await FillAsync(part, hash, report, cancellationToken);
            part.Flush(flushToDisk: true);
            actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        if (file.Sha256 is { } expected && expected != actual)
        {
            File.Delete(_part);
            throw new InvalidDataException(
                $"{file.Path} arrived damaged: its SHA-256 is {actual}, but the hub states {expected}. "
                + "It was deleted; pull again to fetch it anew.");
        }

        File.Move(_part, destination, overwrite: true);
        if (file.Sha256 is null)
        {
            report.Report(new DownloadProgress(
                file, file.Size, "The hub states no SHA-256: only the size was checked."));
        }
    }

    /// <summary>Compares the file on disk with the hub's SHA-256.</summary>
    /// <exception cref="InvalidDataException">They differ.</exception>
    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(destination);
        string actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        if (file.Sha256 is { } expected && expected != actual)
        {
            throw new InvalidDataException(
                $"{destination} is damaged: its SHA-256 is {actual}, but the hub states {expected}. "
                + "Delete it and pull again.");
        }
    }

    // Reads what an earlier run left, so that the hash covers it.
    private async Task CatchUpAsync(
        FileStream part, IncrementalHash hash, IProgress<DownloadProgress> report, CancellationToken cancellationToken)
    {
        if (part.Length > file.Size)
            part.SetLength(0);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await part.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                report.Report(new DownloadProgress(file, part.Position));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task FillAsync(
        FileStream part, IncrementalHash hash, IProgress<DownloadProgress> report, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (part.Position < file.Size)
        {
            long before = part.Position;
            try
            {
                await ReceiveAsync(part, hash, report, cancellationToken);
            }
            catch (HubException e) when (e.Transient)
            {
                failures = part.Position > before ? 1 : failures + 1;
                if (failures >= options.Attempts)
                {
                    throw new HubException(
                        $"{e.Message} Tried {options.Attempts} times; {part.Position} of {file.Size} bytes of "
                        + $"{file.Path} are kept: pull again to go on.", inner: e);
                }

                var delay = options.Delay(failures, e.RetryAfter);
                report.Report(new DownloadProgress(file, part.Position, string.Create(
                    CultureInfo.InvariantCulture, $"{e.Message} Trying again in {delay.TotalSeconds:0.#} s.")));
                await Task.Delay(delay, time, cancellationToken);
            }
        }
    }

    // One connection: as many bytes as it gives.
    private async Task ReceiveAsync(
        FileStream part, IncrementalHash hash, IProgress<DownloadProgress> report, CancellationToken cancellationToken)
    {
        using var response = await hub.OpenAsync(repository, file, part.Position, cancellationToken);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.OK && part.Position > 0))
        {
            // The server cannot go on from here: from the start, then.
            Restart(part, hash);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new HubException($"The server has no more bytes of {file.Path} than were fetched.", true);
        }

        Check(response, part.Position);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (true)
            {
                int read = await ReadAsync(body, buffer, cancellationToken);
                if (read == 0)
                    break;
                if (part.Position + read > file.Size)
                {
                    Restart(part, hash);
                    throw new HubException(
                        $"The server sends more of {file.Path} than the {file.Size} bytes that the hub states. "
                        + "Nothing was kept.");
                }

                await part.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                hash.AppendData(buffer, 0, read);
                report.Report(new DownloadProgress(file, part.Position));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (part.Position < file.Size)
            throw new HubException($"The connection ended after {part.Position} of {file.Size} bytes.", true);
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        idle.CancelAfter(options.IdleTimeout);
        try
        {
            return await body.ReadAsync(buffer.AsMemory(0, BufferBytes), idle.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubException("The connection went silent.", true, inner: e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new HubException("The connection was cut.", true, inner: e);
        }
    }

    private void Check(HttpResponseMessage response, long offset)
    {
        long? total = response.StatusCode == HttpStatusCode.PartialContent
            ? response.Content.Headers.ContentRange?.Length
            : response.Content.Headers.ContentLength;
        if (total is { } size && size != file.Size)
        {
            throw new HubException(
                $"The hub states {file.Size} bytes for {file.Path}, but the server offers {size}. Nothing was fetched; "
                + "try again later.");
        }

        if (response.StatusCode == HttpStatusCode.PartialContent
            && response.Content.Headers.ContentRange?.From is var from && from != offset)
        {
            throw new HubException($"Asked for {file.Path} from byte {offset}, the server sends it from {from}.");
        }
    }

    private static void Restart(FileStream part, IncrementalHash hash)
    {
        part.SetLength(0);
        part.Position = 0;
        _ = hash.GetHashAndReset();
    }
}
