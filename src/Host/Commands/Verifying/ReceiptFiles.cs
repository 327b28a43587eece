using System.Collections.Immutable;
using Causerie.Host.Models;
using Causerie.Inference.Gguf;
using Causerie.Inference.Hashing;
using Causerie.Ledger.Receipts;

namespace Causerie.Host.Commands.Verifying;

/// <summary>Finds the model that gave a receipt's answer: by the hash of its files alone, whatever they are called.</summary>
/// <param name="receipt">The receipt.</param>
/// <param name="progress">Told how much of a model has been read, 0 to 1.</param>
internal sealed class ReceiptFiles(Receipt receipt, IProgress<double> progress)
{
    /// <summary>Compares a model with the receipt's.</summary>
    /// <param name="path">A file, of a split model the first.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is different; null where every byte is the same.</returns>
    public string? Difference(string path, CancellationToken cancellationToken)
    {
        string[] paths;
        using (var file = GgufFile.Open(path))
            paths = [.. file.Paths];
        var expected = receipt.Trace.Files;
        if (paths.Length != expected.Length)
            return $"{path} has {paths.Length} parts, the receipt's model has {expected.Length}";
        var reading = new Reading(progress, expected.Sum(file => file.Size));
        for (int i = 0; i < paths.Length; i++)
        {
            var got = FileHash.Of(paths[i], reading, cancellationToken);
            if (got != expected[i])
            {
                return $"{paths[i]} is not the model of the receipt: its SHA-256 is {got.Sha256}, the receipt's "
                    + expected[i].Sha256;
            }
        }

        return null;
    }

    /// <summary>The model in the data folder whose files are the receipt's.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public string Find(ModelStore store, CancellationToken cancellationToken)
    {
        var sizes = receipt.Trace.Files.Select(file => file.Size).ToImmutableArray();
        var alike = store.List()
            .Where(model => model.Paths.Select(path => new FileInfo(path).Length).SequenceEqual(sizes))
            .OrderByDescending(model => model.Name.Equals(receipt.Model, StringComparison.OrdinalIgnoreCase));
        foreach (var model in alike)
        {
            if (Difference(model.Paths[0], cancellationToken) is null)
                return model.Paths[0];
        }

        string hashes = string.Join(", ", receipt.Trace.Files.Select(file => file.Sha256));
        throw new CommandException(
            $"The receipt is of '{receipt.Model}' with the SHA-256 {hashes}, and no model in {store.Folder} has that. "
            + "Name its file with --model.");
    }

    private sealed class Reading(IProgress<double> progress, long total) : IProgress<long>
    {
        private long _read;

        public void Report(long value) => progress.Report((double)(_read += value) / Math.Max(total, 1));
    }
}
