using System.Collections.Immutable;

namespace Causerie.Host.Serving.Access;

/// <summary>The server's keys: where they are read from, and whose a guess is.</summary>
public sealed class KeyRing
{
    /// <summary>The environment variable that holds a key.</summary>
    public const string Variable = "CAUSERIE_API_KEY";

    private readonly ImmutableArray<ApiKey> _keys;

    internal KeyRing(IEnumerable<string> keys) => _keys = [.. keys.Select(key => new ApiKey(key))];

    /// <summary>Whether there is none, so that everybody is let in.</summary>
    internal bool IsEmpty => _keys.IsEmpty;

    /// <summary>
    /// The keys from <paramref name="file"/>, one a line, with <c>#</c> before a comment; else the one from the
    /// environment; empty where neither is given.
    /// </summary>
    /// <exception cref="ServerException">The file cannot be read, or a key cannot be sent in a header.</exception>
    public static ImmutableArray<string> Find(string? file, Func<string, string?> variable)
    {
        if (file is null)
            return variable(Variable) is { Length: > 0 } set ? [Check(set, Variable)] : [];
        try
        {
            string[] keys =
            [
                .. File.ReadLines(file).Select((line, number) => (Key: WithoutComment(line), Number: number + 1))
                    .Where(line => line.Key.Length > 0)
                    .Select(line => Check(line.Key, $"line {line.Number} of {file}")),
            ];
            return keys.Length > 0
                ? [.. keys.Distinct(StringComparer.Ordinal)]
                : throw new ServerException($"There is no API key in {file}: write one a line.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ServerException($"The key file '{file}' cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>The key that <paramref name="guess"/> is, or null. All are compared, so that time tells nothing.</summary>
    internal ApiKey? Holder(string guess) => Only(key => key.Is(guess));

    /// <summary>The key that <paramref name="ticket"/> was made with and for which it has not expired, or null.</summary>
    internal ApiKey? HolderOf(string ticket, DateTimeOffset now) => Only(key => key.Accepts(ticket, now));

    private ApiKey? Only(Func<ApiKey, bool> fits)
    {
        ApiKey? found = null;
        foreach (var key in _keys)
        {
            if (fits(key))
                found = key;
        }

        return found;
    }

    // A key may hold a '#', but no space.
    private static string WithoutComment(string line)
    {
        line = line.Replace('\t', ' ').Trim();
        int comment = $" {line}".IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? line : line[..comment].Trim();
    }

    private static string Check(string key, string origin) => key.Any(letter => letter is <= ' ' or > '~')
        ? throw new ServerException($"The API key in {origin} may hold only visible ASCII characters, without spaces.")
        : key;
}
