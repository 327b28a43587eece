using System.Net;

namespace Causerie.Host.Models;

/// <summary>The hub refuses, is not there, or contradicts itself; the message says what to do.</summary>
/// <param name="message">What happened and what to do about it.</param>
/// <param name="transient">Whether trying again may help.</param>
/// <param name="retryAfter">The wait that the hub asks for.</param>
/// <param name="inner">The cause.</param>
public sealed class HubException(
    string message, bool transient = false, TimeSpan? retryAfter = null, Exception? inner = null)
    : IOException(message, inner)
{
    /// <summary>Whether trying again may help.</summary>
    public bool Transient { get; } = transient;

    /// <summary>The wait that the hub asks for.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>What a refusal of the hub means for the person who asked for <paramref name="what"/>.</summary>
    public static HubException From(HttpResponseMessage response, string what, HubOptions options, TimeProvider time)
    {
        string host = options.BaseUrl.Host;
        string token = options.Token is null
            ? "Set HF_TOKEN to a token of your account there"
            : "The token in HF_TOKEN was sent and refused";
        var retryAfter = response.Headers.RetryAfter?.Delta
            ?? (response.Headers.RetryAfter?.Date is { } date ? date - time.GetUtcNow() : null);
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new HubException(
                $"{host} does not let {what} be read ({(int)response.StatusCode}): it does not exist, is private, "
                + $"or asks you to accept its licence at {options.BaseUrl}{what}. {token}."),
            HttpStatusCode.NotFound => new HubException(
                $"{host} has no {what}. Check the spelling of owner and repository."),
            HttpStatusCode.TooManyRequests => new HubException(
                $"{host} asks for fewer requests (429). Try again later, or set HF_TOKEN.", true, retryAfter),
            >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout => new HubException(
                $"{host} is in trouble ({(int)response.StatusCode}). Try again later.", true, retryAfter),
            _ => new HubException($"{host} answered {(int)response.StatusCode} for {what}."),
        };
    }
}
