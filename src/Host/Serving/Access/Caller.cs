using System.Net;

namespace Causerie.Host.Serving.Access;

/// <summary>Who sends a request, as far as the engine may know: callers take turns, and share prompts by scope.</summary>
/// <param name="Client">The key's hash and the address that the request came from.</param>
/// <param name="Scope">The key's hash; empty where all may share.</param>
internal sealed record Caller(string Client, string Scope)
{
    /// <summary>The scope of the chat page on a server with keys: all who sign in see the same conversations.</summary>
    public const string PageScope = "page";

    /// <summary>Whose is what the API keeps: the key's hash, whether or not prompts are shared; empty without keys.</summary>
    public string Owner { get; private init; } = "";

    /// <summary>Whether its requests give way to those of others: nobody waits for them.</summary>
    public bool IsPatient { get; private init; }

    /// <summary>Who asks what a batch asks: its caller, in the background.</summary>
    public static Caller OfBatch(string client, string scope, string owner) => new(client, scope) { Owner = owner, IsPatient = true };

    /// <summary>The owner of what <paramref name="http"/> keeps or asks for.</summary>
    public static string OwnerOf(HttpContext http) => http.Features.Get<Caller>()?.Owner ?? "";

    /// <summary>Whose limits count for <paramref name="client"/>: the key's, wherever it is used; without keys the address's.</summary>
    public static string AccountOf(string client) => client.Split(' ')[0];

    /// <summary>Who sends <paramref name="http"/>.</summary>
    /// <param name="http">The request.</param>
    /// <param name="key">The key that was presented; null where none is needed.</param>
    /// <param name="share">Whether all keys share prompts.</param>
    public static Caller Of(HttpContext http, ApiKey? key, bool share)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        string from = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        return new Caller(key is null ? from : $"{key.Scope} {from}", key is null || share ? "" : key.Scope)
        {
            Owner = key?.Scope ?? "",
        };
    }
}
