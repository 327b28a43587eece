namespace Causerie.Host.Models;

/// <summary>Where the hub is and how patient to be with it.</summary>
public sealed record HubOptions
{
    /// <summary>The hub that most people publish on.</summary>
    public static readonly Uri HuggingFace = new("https://huggingface.co/");

    /// <summary>Address of the hub; the API is under <c>api/models/</c>.</summary>
    public Uri BaseUrl { get; init; } = HuggingFace;

    /// <summary>Sent to the hub itself and to no other host; for models that ask for it.</summary>
    public string? Token { get; init; }

    /// <summary>How often in a row a connection may fail without a byte gained.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>The wait after the first failure; doubled each time, up to <see cref="LongestDelay"/>.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between two attempts.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a silent connection is believed to be alive.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The wait after some <paramref name="failures"/> in a row, where the hub <paramref name="asked"/>.</summary>
    public TimeSpan Delay(int failures, TimeSpan? asked)
    {
        var own = FirstDelay * Math.Pow(2, failures - 1);
        var wait = asked > own ? asked.Value : own;
        return wait > LongestDelay ? LongestDelay : wait;
    }

    /// <summary>Settings from the command line, else from CAUSERIE_HUB, HF_ENDPOINT and HF_TOKEN.</summary>
    /// <exception cref="FormatException">The address is not one of http or https.</exception>
    public static HubOptions Read(string? baseUrl, Func<string, string?> variable)
    {
        string? address = new[] { baseUrl, variable("CAUSERIE_HUB"), variable("HF_ENDPOINT") }
            .FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
        string? token = variable("HF_TOKEN")?.Trim();
        var url = HuggingFace;
        if (address is not null && (!Uri.TryCreate(address.TrimEnd('/') + "/", UriKind.Absolute, out url)
            || url.Scheme is not ("http" or "https")))
        {
            throw new FormatException($"'{address}' is not the address of a hub; one looks like {HuggingFace}.");
        }

        return new HubOptions { BaseUrl = url!, Token = string.IsNullOrEmpty(token) ? null : token };
    }
}
