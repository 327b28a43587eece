using System.Collections.Immutable;

namespace Causerie.Host.Models;

/// <summary>Brings a model from a hub into the models folder: choice, disk space, lock, all parts.</summary>
public sealed class ModelPull(HubClient hub, HubOptions options, TimeProvider time, string modelsFolder)
{
    // What the system needs besides: a disk filled to the last byte helps nobody.
    private const long Reserve = 64L << 20;

    /// <summary>Free bytes on the disk that holds a folder.</summary>
    public Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Every model of <paramref name="name"/>'s repository, and the one that the name means.</summary>
    /// <exception cref="FormatException">The repository has no such model.</exception>
    public async Task<(ImmutableArray<HubSelection> All, HubSelection Chosen)> FindAsync(
        HubName name, CancellationToken cancellationToken)
    {
        for (int failures = 1; ; failures++)
        {
            try
            {
                var all = HubSelection.AllIn(await hub.ListAsync(name.Id, cancellationToken));
                return (all, HubSelection.Choose(all, name.Choice, name.Id));
            }
            catch (HubException e) when (e.Transient && failures < options.Attempts)
            {
                await Task.Delay(options.Delay(failures, e.RetryAfter), time, cancellationToken);
            }
        }
    }

    /// <summary>Fetches <paramref name="model"/>, or what of it is missing.</summary>
    /// <returns>Its files on disk, in order.</returns>
    public async Task<ImmutableArray<string>> FetchAsync(
        HubName name, HubSelection model, bool verify, IProgress<DownloadProgress> report,
        CancellationToken cancellationToken)
    {
        string folder = Path.Combine(modelsFolder, name.Owner, name.Repository);
        string[] places = [.. model.Files.Select(file => file.PlaceIn(folder))];
        Directory.CreateDirectory(folder);
        await using var hold = await LockAsync(folder, model, report, cancellationToken);
        Download[] downloads =
        [
            .. model.Files.Zip(places, (file, place) => new Download(hub, options, time, name.Id, file, place)),
        ];
        long missing = downloads.Sum(download => download.Missing);
        long free = FreeSpace(folder);
        if (missing > 0 && missing > free - Reserve)
        {
            throw new IOException(
                $"{name.Id} needs {ByteSize.Text(missing)} more in {folder}, but only {ByteSize.Text(free)} are free. "
                + "Make room, choose a smaller quantisation, or another folder with --data.");
        }

        foreach (var (download, file) in downloads.Zip(model.Files))
        {
            if (download.IsComplete && verify)
                await download.VerifyAsync(cancellationToken);
            await download.RunAsync(report, cancellationToken);
            report.Report(new DownloadProgress(file, file.Size));
        }

        return [.. places];
    }

    // One pull of a repository at a time. The lock file stays: deleting it would let two pulls hold two different ones.
    private async Task<FileStream> LockAsync(
        string folder, HubSelection model, IProgress<DownloadProgress> report, CancellationToken cancellationToken)
    {
        bool told = false;
        while (true)
        {
            try
            {
                return new FileStream(
                    Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeld(e))
            {
                if (!told)
                {
                    report.Report(new DownloadProgress(
                        model.Files[0], 0, "Another pull is fetching from this repository; waiting for it."));
                }

                told = true;
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
            }
        }
    }

    // Another process holds the file: EAGAIN of Linux and of macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsHeld(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;
}
