using System.Security.Cryptography;
using System.Text;

namespace Causerie.Host.Serving.Access;

/// <summary>The server's key: where it is read from, and the comparison that takes as long for any guess.</summary>
public sealed class ApiKey
{
    /// <summary>The environment variable that holds the key.</summary>
    public const string Variable = "CAUSERIE_API_KEY";

    private readonly byte[] _key;

    internal ApiKey(string key) => _key = Encoding.UTF8.GetBytes(key);

    /// <summary>The key from <paramref name="file"/>, else from the environment; null where neither is given.</summary>
    /// <exception cref="ServerException">The file cannot be read, or the key cannot be sent in a header.</exception>
    public static string? Find(string? file, Func<string, string?> variable)
    {
        if (file is null)
            return variable(Variable) is { Length: > 0 } set ? Check(set, Variable) : null;
        try
        {
            return Check(File.ReadAllText(file).Trim(), file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ServerException($"The key file '{file}' cannot be read: {failure.Message}", failure);
        }
    }

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

    private static string Check(string key, string origin)
    {
        if (key.Length == 0)
            throw new ServerException($"The API key in {origin} is empty.");
        if (key.Any(letter => letter is <= ' ' or > '~'))
            throw new ServerException($"The API key in {origin} may hold only visible ASCII characters, without spaces.");
        return key;
    }
}
