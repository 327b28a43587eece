using System.Security.Cryptography;
using System.Text;

namespace Causerie.Host.Serving.Access;

/// <summary>One of the server's keys, with a comparison that takes as long for any guess.</summary>
public sealed class ApiKey
{
    private readonly byte[] _key;

    internal ApiKey(string key)
    {
        _key = Encoding.UTF8.GetBytes(key);
        Scope = Convert.ToHexStringLower(HMACSHA256.HashData(_key, "causerie scope"u8))[..32];
    }

    /// <summary>What stands for the key where it must not be seen: the same for the same key, and no way back.</summary>
    internal string Scope { get; }

    /// <summary>Whether <paramref name="guess"/> is the key.</summary>
    internal bool Is(string guess) => Same(Encoding.UTF8.GetBytes(guess), _key);

    /// <summary>A proof of the key that a browser may keep: an expiry, signed with the key.</summary>
    internal string Ticket(DateTimeOffset expires)
    {
        string until = expires.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        return $"{until}.{Sign(until)}";
    }

    /// <summary>Whether <paramref name="ticket"/> was made with this key and has not expired.</summary>
    internal bool Accepts(string ticket, DateTimeOffset now)
    {
        int dot = ticket.IndexOf('.', StringComparison.Ordinal);
        return dot > 0
            && Same(Encoding.UTF8.GetBytes(ticket[(dot + 1)..]), Encoding.UTF8.GetBytes(Sign(ticket[..dot])))
            && long.TryParse(ticket.AsSpan(0, dot), out long until)
            && until > now.ToUnixTimeSeconds();
    }

    private string Sign(string until) =>
        Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"causerie sign-in {until}")));

    // Digests have one length, so not even the key's length shows in the time taken.
    private static bool Same(byte[] a, byte[] b) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(a), SHA256.HashData(b));
}
