namespace Causerie.Ledger.Receipts;

/// <summary>A file is no receipt, or not the one that was written; the message names the field at fault.</summary>
public sealed class ReceiptException(string message, bool altered = false) : FormatException(message)
{
    /// <summary>Whether it reads as a receipt but is not what it was.</summary>
    public bool Altered { get; } = altered;
}
