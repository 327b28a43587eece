using Causerie.Ledger.Receipts;

namespace Causerie.Ledger.Tests.Receipts;

public sealed class ReceiptStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("causerie-receipts-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_kept_receipt_is_found_as_it_was_written()
    {
        var store = new ReceiptStore(Path.Combine(_folder, "made", "later"));
        Assert.Null(await store.FindAsync(Samples.Receipt.Id, Token));
        await store.KeepAsync(Samples.Receipt, Token);
        Assert.Equal(ReceiptWriter.Write(Samples.Receipt), await store.FindAsync(Samples.Receipt.Id, Token));
        Assert.Single(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
        await Assert.ThrowsAsync<IOException>(() => store.KeepAsync(Samples.Receipt with { Text = "other" }, Token));
        Assert.Equal(ReceiptWriter.Write(Samples.Receipt), await store.FindAsync(Samples.Receipt.Id, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rcpt_")]
    [InlineData("../secret")]
    [InlineData("rcpt_0123456789abcdef0123456789abcdeF")]
    [InlineData("rcpt_0123456789abcdef0123456789abcde/")]
    [InlineData("rcpt_../../../../../../../../../../x")]
    [InlineData("rcpt_0123456789abcdef0123456789abcdef\n")]
    [InlineData("rcpt_0123456789abcdef0123456789abcdef0")]
    public async Task Only_a_receipts_name_reaches_the_disk(string id)
    {
        File.WriteAllText(Path.Combine(_folder, "secret.json"), "x");
        var store = new ReceiptStore(Path.Combine(_folder, "receipts"));
        Assert.False(ReceiptId.IsValid(id));
        Assert.Null(await store.FindAsync(id, Token));
        await Assert.ThrowsAsync<ArgumentException>(() => store.KeepAsync(Samples.Receipt with { Id = id }, Token));
    }

    [Fact]
    public void Names_are_valid_and_never_the_same() =>
        Assert.Equal(100, Enumerable.Range(0, 100).Select(_ => ReceiptId.New()).Where(ReceiptId.IsValid).Distinct().Count());
}
