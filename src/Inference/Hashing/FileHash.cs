using System.Security.Cryptography;
using Causerie.Chat;

namespace Causerie.Inference.Hashing;

/// <summary>SHA-256 of whole files, as anybody can compute it: about a second for each gigabyte.</summary>
public static class FileHash
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Reads a file from front to back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told how many bytes were read since it was last told.</param>
    /// <param name="cancellationToken">Looked at each megabyte.</param>
    /// <exception cref="IOException">The file cannot be read, or changed meanwhile.</exception>
    public static ModelFileHash Of(
        string path, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        using var handle = File.OpenHandle(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(handle);
        var changed = File.GetLastWriteTimeUtc(handle);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BlockBytes];
        long done = 0;
        int read;
        while ((read = RandomAccess.Read(handle, buffer, done)) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            done += read;
            progress?.Report(read);
        }

        if (done != length || File.GetLastWriteTimeUtc(handle) != changed)
            throw new IOException($"{path} changed while it was read.");
        return new ModelFileHash(length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>One hash for a model: its file's; of a split model, SHA-256 of its files' hashes, each on a line.</summary>
    public static string OfModel(IReadOnlyList<ModelFileHash> files) => files is [var only]
        ? only.Sha256
        : Convert.ToHexStringLower(
            SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Concat(files.Select(file => file.Sha256 + "\n")))));
}
