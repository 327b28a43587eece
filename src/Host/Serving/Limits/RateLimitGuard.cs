using System.Globalization;
using Causerie.Gateway.Dialects;
using Causerie.Host.Serving.Access;

namespace Causerie.Host.Serving.Limits;

/// <summary>Refuses requests for answers beyond the caller's limits, and tells with each how the caller stands.</summary>
internal sealed class RateLimitGuard(RequestDelegate next, RateLimits limits)
{
    /// <summary>The names of the headers.</summary>
    public static IEnumerable<string> Headers =>
        from what in (string[])["limit", "remaining", "reset"]
        from of in (string[])["requests", "tokens"]
        select $"x-ratelimit-{what}-{of}";

    public Task InvokeAsync(HttpContext http)
    {
        if (!limits.IsOn || http.GetEndpoint()?.Metadata.GetMetadata<Limited>() is null
            || http.Features.Get<Caller>() is not { } caller)
            return next(http);
        var state = limits.Enter(Caller.AccountOf(caller.Client));
        Tell(http.Response.Headers, "requests", state.Requests);
        Tell(http.Response.Headers, "tokens", state.Tokens);
        if (state.Exhausted is not { } what)
            return next(http);
        long limit = (what == "requests" ? state.Requests : state.Tokens)!.Limit;
        return http.RefuseAsync(new DialectError(
            429, what,
            $"The limit of {limit} {what} a minute is reached. Try again in {Text(state.Wait)}.", null, "rate_limit_exceeded")
        {
            RetryAfter = state.Wait,
        });
    }

    /// <summary>A time as these headers have it, such as <c>6m0s</c>, <c>1.5s</c> or <c>20ms</c>; rounded up.</summary>
    public static string Text(TimeSpan time)
    {
        long milliseconds = (long)Math.Ceiling(time.TotalMilliseconds);
        if (milliseconds < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms");
        decimal seconds = milliseconds % 60_000 / 1000m;
        return milliseconds < 60_000
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###}s")
            : string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 60_000}m{seconds:0.###}s");
    }

    private static void Tell(IHeaderDictionary headers, string what, RateLimitLevel? level)
    {
        if (level is null)
            return;
        headers[$"x-ratelimit-limit-{what}"] = level.Limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{what}"] = level.Remaining.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{what}"] = Text(level.UntilFull);
    }
}

/// <summary>Marks an endpoint whose answers count against the caller's limits.</summary>
internal sealed class Limited;
