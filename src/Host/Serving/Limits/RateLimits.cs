namespace Causerie.Host.Serving.Limits;

/// <summary>How many requests and tokens each account may use a minute; an account is a key, or an address where there are none.</summary>
/// <remarks>
/// What an answer costs is known when it ends: it is taken then, and who has overdrawn waits until it has flowed back.
/// </remarks>
internal sealed class RateLimits(ServerOptions options, TimeProvider clock)
{
    private const int MostAccounts = 4096; // before those that owe nothing are forgotten

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Whether anything is limited.</summary>
    public bool IsOn => options.RequestsPerMinute is not null || options.TokensPerMinute is not null;

    /// <summary>Lets one request in, or not.</summary>
    /// <param name="account">Whose it is.</param>
    public RateLimitState Enter(string account)
    {
        lock (_lock)
        {
            var its = Of(account);
            if (its.Requests is { Remaining: 0 } requests)
                return State(its, "requests", requests.After(1));
            if (its.Tokens is { Remaining: 0 } tokens)
                return State(its, "tokens", tokens.After(1));
            its.Requests?.Take(1);
            return State(its, null, TimeSpan.Zero);
        }
    }

    /// <summary>Takes what an answer cost; accounts that never entered, such as the chat page's, are not limited.</summary>
    public void Charge(string account, int tokens)
    {
        lock (_lock)
        {
            if (_accounts.ContainsKey(account))
                Of(account).Tokens?.Take(tokens);
        }
    }

    private Account Of(string account)
    {
        long now = clock.GetTimestamp();
        if (!_accounts.TryGetValue(account, out var its))
        {
            if (_accounts.Count >= MostAccounts)
                Forget(now);
            its = new Account(Bucket(options.RequestsPerMinute, now), Bucket(options.TokensPerMinute, now));
            _accounts.Add(account, its);
        }

        its.Refill(now);
        return its;
    }

    // An account that is full again is as one that never was.
    private void Forget(long now)
    {
        foreach (var (name, account) in _accounts)
        {
            account.Refill(now);
            if (account.IsFull)
                _accounts.Remove(name);
        }
    }

    private TokenBucket? Bucket(int? perMinute, long now) => perMinute is { } limit ? new TokenBucket(limit, now, clock) : null;

    private static RateLimitState State(Account account, string? exhausted, TimeSpan wait) => new(
        exhausted, wait, Level(account.Requests), Level(account.Tokens));

    private static RateLimitLevel? Level(TokenBucket? bucket) =>
        bucket is null ? null : new RateLimitLevel(bucket.Limit, bucket.Remaining, bucket.UntilFull);

    private sealed record Account(TokenBucket? Requests, TokenBucket? Tokens)
    {
        public bool IsFull => (Requests?.UntilFull ?? TimeSpan.Zero) + (Tokens?.UntilFull ?? TimeSpan.Zero) == TimeSpan.Zero;

        public void Refill(long now)
        {
            Requests?.Refill(now);
            Tokens?.Refill(now);
        }
    }
}

/// <summary>How an account stands.</summary>
/// <param name="Exhausted"><c>requests</c> or <c>tokens</c> where the request is refused; else null.</param>
/// <param name="Wait">When to come back then.</param>
/// <param name="Requests">Requests; null where they are not limited.</param>
/// <param name="Tokens">Tokens; null where they are not limited.</param>
internal sealed record RateLimitState(string? Exhausted, TimeSpan Wait, RateLimitLevel? Requests, RateLimitLevel? Tokens);

/// <summary>One limit.</summary>
/// <param name="Limit">A minute.</param>
/// <param name="Remaining">Now.</param>
/// <param name="UntilFull">Until all of it is there again.</param>
internal sealed record RateLimitLevel(long Limit, long Remaining, TimeSpan UntilFull);
