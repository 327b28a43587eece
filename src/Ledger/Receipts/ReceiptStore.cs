namespace Causerie.Ledger.Receipts;

/// <summary>Receipts in a folder, one file each, as they were written: a copy of a file is the receipt.</summary>
/// <param name="folder">Made when the first is kept.</param>
public sealed class ReceiptStore(string folder)
{
    /// <summary>Keeps a receipt; it has its name only when it is whole.</summary>
    /// <exception cref="IOException">There is no room, or no permission.</exception>
    public async Task KeepAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        string path = PathOf(receipt.Id);
        string unfinished = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(unfinished, ReceiptWriter.Write(receipt), cancellationToken);
            File.Move(unfinished, path, overwrite: false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>A receipt's bytes; null where there is none of that name, or it is no name of a receipt.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public async Task<byte[]?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!ReceiptId.IsValid(id))
            return null;
        try
        {
            return await File.ReadAllBytesAsync(PathOf(id), cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(string id) => ReceiptId.IsValid(id)
        ? Path.Combine(folder, id + ".json")
        : throw new ArgumentException($"'{id}' is no name of a receipt.", nameof(id));
}
