using System.Net;

namespace Causerie.Host.Serving;

/// <summary>Where to listen, and the rule that only loopback may be open without a key.</summary>
internal sealed record ListenAddress(IPAddress Address, int Port)
{
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <exception cref="ServerException">The address is malformed, or needs a key that is not set.</exception>
    public static ListenAddress From(ServerOptions options)
    {
        var address = Parse(options.Host) ?? throw new ServerException(
            $"'{options.Host}' is no address to listen on: give an IP address, localhost, or * for every interface.");
        if (options.Port is < 0 or > ushort.MaxValue)
            throw new ServerException($"{options.Port} is no port: give 1 to {ushort.MaxValue}, or 0 for any free one.");
        if (!IPAddress.IsLoopback(address) && options.ApiKeys.IsEmpty)
        {
            throw new ServerException(
                $"Listening on {options.Host} lets other machines in, and no API key is set. Set one with "
                + "CAUSERIE_API_KEY or --api-key-file FILE, or listen on 127.0.0.1.");
        }

        return new ListenAddress(address, options.Port);
    }

    private static IPAddress? Parse(string host) => host switch
    {
        "localhost" => IPAddress.Loopback,
        "*" => IPAddress.IPv6Any,
        _ => IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address : null,
    };
}
