using System.Security.Cryptography;

namespace Causerie.Ledger.Receipts;

/// <summary>Names of receipts: nobody can guess one, and none can be anything but a file's name.</summary>
public static class ReceiptId
{
    private const string Prefix = "rcpt_";
    private const int Digits = 32;

    /// <summary>A fresh one.</summary>
    public static string New() => Prefix + RandomNumberGenerator.GetHexString(Digits, lowercase: true);

    /// <summary>Whether a text is such a name: <c>rcpt_</c> and 32 hexadecimal digits in lower case.</summary>
    public static bool IsValid(string text) =>
        text.Length == Prefix.Length + Digits
        && text.StartsWith(Prefix, StringComparison.Ordinal)
        && text.Skip(Prefix.Length).All(char.IsAsciiHexDigitLower);
}
